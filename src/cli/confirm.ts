import { createInterface } from 'node:readline/promises';

/** A yes or no from whoever sits at the terminal; anything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const typed = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(typed.trim());
  } finally {
    terminal.close();
  }
}
