import type { Writable } from 'node:stream';
import pc from 'picocolors';
import yoctoSpinner from 'yocto-spinner';
import { formatDuration, type Line } from './progress-lines.js';

/** Shows progress: a spinner for what goes on where somebody watches, plain lines elsewhere. */
export interface Progress {
  print(line: Line): void;
  /** Nothing is animated until `resume`: somebody is being asked. */
  pause(): void;
  resume(): void;
  end(): void;
}

type Colors = ReturnType<typeof pc.createColors>;

const symbols: Readonly<Record<Line['tone'], string>> = {
  pending: '·',
  running: '▸',
  waiting: '?',
  blocked: '!',
  done: '✔',
  failed: '✖',
  skipped: '-',
  step: ' ',
  note: 'i',
};

const labelWidth = 9;

/** `✔ train     boosted is best  12s`; further lines of the text are indented below. */
export function formatLine({ tone, label, text, ms }: Line, colors: Colors = pc.createColors(false)): string {
  const symbol = tint(colors, tone)(symbols[tone]);
  const [first = '', ...rest] = text.split('\n');
  const time = ms === undefined ? '' : `  ${colors.dim(formatDuration(ms))}`;
  const main = `${symbol} ${label === '' ? '  ' : colors.bold(label.padEnd(labelWidth))} ${first}${time}`;
  return [main, ...rest.map((line) => `      ${colors.dim(line)}`)].join('\n');
}

export function createProgress(out: Writable, tty: boolean, handleSignals = false): Progress {
  return tty ? spinning(out, handleSignals) : plain(out);
}

function plain(out: Writable): Progress {
  return {
    print(line) {
      out.write(`${formatLine(line)}\n`);
    },
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
  };
}

function spinning(out: Writable, handleSignals: boolean): Progress {
  const colors = pc.createColors(true);
  const spinner = yoctoSpinner({ stream: out, handleSignals });
  let paused = false;
  let going: string | undefined;
  const spin = (): void => {
    if (!paused && going !== undefined) spinner.start(going);
  };
  const stop = (): void => {
    if (spinner.isSpinning) spinner.stop();
  };
  return {
    print(line) {
      stop();
      if (line.tone === 'running') going = `${colors.bold(line.label.padEnd(labelWidth))} ${line.text}`;
      else {
        if (line.label !== '') going = undefined;
        out.write(`${formatLine(line, colors)}\n`);
      }
      spin();
    },
    pause() {
      paused = true;
      stop();
    },
    resume() {
      paused = false;
      spin();
    },
    end: stop,
  };
}

function tint(colors: Colors, tone: Line['tone']): (text: string) => string {
  if (tone === 'done') return colors.green;
  if (tone === 'failed') return colors.red;
  return tone === 'waiting' || tone === 'blocked' ? colors.yellow : colors.dim;
}
