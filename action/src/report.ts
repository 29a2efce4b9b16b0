import { info, notice, setOutput, summary, warning } from '@actions/core';
import type { Outcome, Result } from './run.js';

/** Sets the outputs, writes the job's summary and the log's lines. */
export async function report({ outcomes, warnings }: Result, env: NodeJS.ProcessEnv): Promise<void> {
  const started = outcomes.filter(({ workflowId }) => workflowId !== undefined);
  const text =
    outcomes.length === 0
      ? 'Nothing to do.'
      : outcomes.map(({ subject, result }) => `${subject}: ${result}`).join('; ');
  setOutput('workflow-ids', JSON.stringify(started.map(({ workflowId }) => workflowId)));
  setOutput('links', JSON.stringify(started.flatMap(({ link }) => (link === undefined ? [] : [link]))));
  setOutput('summary', text);
  for (const line of warnings) warning(line);
  for (const { subject, result, workflowId, link } of outcomes) {
    info([`${subject}: ${result}`, workflowId, link].filter((part) => part !== undefined).join('  '));
  }
  if (outcomes.length === 0) notice(text);
  if (env['GITHUB_STEP_SUMMARY']) await writeSummary(outcomes, warnings);
}

async function writeSummary(outcomes: readonly Outcome[], warnings: readonly string[]): Promise<void> {
  summary.addHeading('Temporal MLOps', 3);
  if (outcomes.length === 0) summary.addRaw('Nothing to do.', true);
  else {
    const header = ['Project', 'Result', 'Workflow'].map((data) => ({ data, header: true }));
    summary.addTable([
      header,
      ...outcomes.map((outcome) => [escape(outcome.subject), escape(outcome.result), workflowCell(outcome)]),
    ]);
  }
  for (const line of warnings) summary.addQuote(escape(line));
  await summary.write();
}

function workflowCell({ workflowId, link }: Outcome): string {
  if (workflowId === undefined) return '';
  const code = `<code>${escape(workflowId)}</code>`;
  return link === undefined ? code : `<a href="${escape(link)}">${code}</a>`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
