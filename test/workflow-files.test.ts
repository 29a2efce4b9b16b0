import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly permissions?: Readonly<Record<string, string>>; readonly steps: readonly Step[] }
    >
  >;
}

const folder = 'examples/github';
const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
const [, inReadme = ''] = /```yaml\n(name: mlops\n[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
const action = parse(readFileSync('action/action.yml', 'utf8')) as { inputs: Record<string, unknown> };

describe.each([...files, ['README.md', inReadme] as const])('the workflow of %s', (name, content) => {
  const workflow = parse(content) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const ours = steps.filter(({ uses = '' }) => uses.includes('temporal-mlops/action'));

  it('is one, by the parser of GitHub’s own editors', async () => {
    const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
    expect(context.errors.getErrors().map(String)).toEqual([]);
    if (value === undefined) throw new Error(`${name} is empty`);
    const { jobs } = await convertWorkflowTemplate(context, value);
    expect(context.errors.getErrors().map(String)).toEqual([]);
    expect(jobs).toHaveLength(Object.keys(workflow.jobs).length);
  });

  it('runs the Action, with inputs that it has', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const step of ours)
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
  });

  it('asks for reading alone, and says so itself', () => {
    const asked = [workflow.permissions, ...Object.values(workflow.jobs).map((job) => job.permissions ?? {})];
    for (const permissions of asked) {
      for (const [scope, right] of Object.entries(permissions)) {
        expect(['contents', 'issues', 'pull-requests']).toContain(scope);
        expect(right).toBe('read');
      }
    }
  });
});
