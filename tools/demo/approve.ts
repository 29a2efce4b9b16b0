import { createInterface } from 'node:readline/promises';
import { stdin, stdout } from 'node:process';
import type { Client } from '@temporalio/client';
import { evidenceText } from '../../src/domain/canonical.js';
import type { DecisionPayload, PendingApproval } from '../../src/workflows/messages.js';
import { secondPerson } from '../local/github.js';
import * as say from './say.js';

const decision = { by: secondPerson, reason: 'the numbers hold' } satisfies DecisionPayload;

export interface AnswerOptions {
  /** Whether the person at the terminal decides. */
  readonly ask: boolean;
  readonly link: string;
  readonly signal: AbortSignal;
  /** Answers on GitHub, where only a known person counts. */
  readonly comment: (answer: 'approve' | 'reject', code: string, reason: string) => Promise<void>;
}

/** Shows what is asked; asks the person at the terminal, or answers as a second person. */
export async function answer(
  client: Client,
  workflowId: string,
  pending: PendingApproval,
  options: AnswerOptions,
): Promise<void> {
  say.title(`Approval for ${pending.environment}`);
  for (const row of evidenceText(pending.evidence).split('\n').slice(2)) say.line(plain(row));
  say.fact('Temporal UI', options.link);
  const name = options.ask ? await question(pending, options.signal) : pending.approve;
  if (name === undefined) return;
  if (!pending.verify.includes('none')) {
    await options.comment(name === pending.approve ? 'approve' : 'reject', pending.code, decision.reason);
    return;
  }
  await client.workflow.getHandle(workflowId).signal(name, decision);
  say.line(`→ signal "${name}"${options.ask ? '' : ` sent by ${secondPerson}, a second person`}`);
}

/** `undefined` when it was answered elsewhere meanwhile. */
async function question(pending: PendingApproval, signal: AbortSignal): Promise<string | undefined> {
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    const typed = await terminal.question('  Approve? [y/n] (or send the signal in the Temporal UI) ', {
      signal,
    });
    return /^y(es)?$/i.test(typed.trim()) ? pending.approve : pending.reject;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    terminal.close();
  }
}

/** A Markdown table row as two columns. */
function plain(row: string): string {
  const [name = '', ...rest] = row
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '');
  return `${name.padEnd(12)} ${rest.join(' ').replaceAll('`', '')}`;
}
