import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { drift } from './drift.js';
import { carryThrough, type OwnProject, readOwnProject } from './own-project.js';
import { Machine } from '../local/machine.js';
import { type DemoOptions, parseOptions } from './options.js';
import * as say from './say.js';
import { canary, firstRelease, prepareGround, saveReport, scoreOnce } from './story.js';

/** As a shell counts it: 128 + SIGINT. */
const interruptedCode = 130;
const badProject = 2;

/** Tells the whole story on this machine. Resolves with the exit code; once interrupted it ends the process. */
export async function main(argv: readonly string[]): Promise<number> {
  const code = await run(parseOptions(argv));
  // An interrupted story still waits for what runs no more, and would keep the process.
  if (code === interruptedCode) process.exit(code);
  return code;
}

async function run(options: DemoOptions): Promise<number> {
  try {
    return await runWith(
      options,
      options.project === undefined ? undefined : await readOwnProject(options.project),
    );
  } catch (error) {
    say.problem(error instanceof Error ? error.message : String(error));
    return badProject;
  }
}

async function runWith(options: DemoOptions, own: OwnProject | undefined): Promise<number> {
  const interrupted = interruption();
  const policy = own === undefined ? {} : { policy: await keepPolicy(options.folder, own.policy) };
  const started = Date.now();
  say.title('Starting the Temporal server, a local Azure ML and the worker');
  const starting = Machine.start({ folder: options.folder, say: say.line, usual: true, ...policy });
  let machine: Machine | undefined;
  try {
    machine = await Promise.race([starting, interrupted]);
    if (machine === undefined) return interruptedCode;
    say.line(`up after ${say.seconds(started)}`);
    say.fact('Temporal UI', machine.addresses.temporalUi);
    say.fact('Azure ML', machine.addresses.emulator);
    say.fact('logs', machine.folder);
    if (
      (await Promise.race([told(machine, options, started, own).then(() => 'told'), interrupted])) ===
      undefined
    )
      return interruptedCode;
    if (!options.exit) {
      say.title('Everything stays up until Ctrl-C');
      await interrupted;
    }
    return Number(process.exitCode ?? 0);
  } catch (error) {
    say.problem(error instanceof Error ? error.message : String(error));
    if (!options.exit && machine !== undefined) {
      say.line(`logs: ${machine.folder}; everything stays up until Ctrl-C`);
      await interrupted;
    }
    return 1;
  } finally {
    await (machine ?? (await starting.catch(() => undefined)))?.stop();
  }
}

async function told(
  machine: Machine,
  options: DemoOptions,
  started: number,
  own: OwnProject | undefined,
): Promise<void> {
  await (own === undefined ? tell(machine, options, started) : carryThrough(machine, own, options));
}

/** Beside the folder of state, which is made anew. */
async function keepPolicy(folder: string, text: string): Promise<string> {
  const file = `${folder}.policy.yml`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function tell(machine: Machine, options: DemoOptions, started: number): Promise<void> {
  const checkout = await prepareGround(machine, options);
  const caller = await firstRelease(machine, checkout, options);
  say.title(`In production, ${say.seconds(started)} after the start`);
  await scoreOnce(caller, checkout);
  const second = await canary(machine, checkout, caller, options);
  say.title('The second model serves');
  await scoreOnce(caller, checkout);
  await saveReport(machine, second);
  if (options.drift) await drift(machine, caller);
}

/** Resolves with nothing at Ctrl-C or the terminal's end. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve(undefined);
      });
    }
  });
}
