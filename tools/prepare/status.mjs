const FRAME_MS = 200;
const PLAIN_EVERY_MS = 15_000;

/** @typedef {{ step: (text: string) => void, note: (text: string) => void }} Report */
/** @typedef {{ name: string, text: string, began: number, ended?: number, failed?: boolean, printed: number }} Line */

/**
 * One status line for each part that has work to do, with its elapsed time: redrawn on a terminal, else printed when it
 * begins, every few seconds while it goes on, and when it ends. Parts with nothing to do show nothing.
 * @param {{ isTTY?: boolean, columns?: number, write: (text: string) => unknown }} out
 */
export function createBoard(out = process.stdout) {
  /** @type {Map<string, Line>} */
  const lines = new Map();
  let drawn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const redraw = () => {
    const width = (out.columns ?? 100) - 1;
    const rows = [...lines.values()].map((line) => format(line).slice(0, width));
    out.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${rows.map((row) => `\x1b[2K${row}\n`).join('')}`);
    drawn = rows.length;
  };
  const tick = () => {
    if (out.isTTY) redraw();
    else for (const line of lines.values()) printDue(line);
    timer = setTimeout(tick, FRAME_MS).unref();
  };
  const printDue = (/** @type {Line} */ line) => {
    if (line.ended || Date.now() - line.printed < PLAIN_EVERY_MS) return;
    line.printed = Date.now();
    out.write(`${format(line)}\n`);
  };
  const change = (/** @type {Line} */ line) => {
    if (out.isTTY) redraw();
    else {
      line.printed = Date.now();
      out.write(`${format(line)}\n`);
    }
    timer ??= setTimeout(tick, FRAME_MS).unref();
  };
  const begin = (/** @type {string} */ name, /** @type {string} */ text) => {
    const line = { name, text, began: Date.now(), printed: 0 };
    lines.set(name, line);
    change(line);
  };

  return {
    /**
     * Runs one part; `report.step` says what it does now, `report.note` prints a line that stays.
     * @template T
     * @param {string} name
     * @param {(report: Report) => Promise<T>} work
     * @returns {Promise<T>}
     */
    async part(name, work) {
      const report = {
        step: (/** @type {string} */ text) => {
          const line = lines.get(name);
          if (line) line.text = text;
          else begin(name, text);
        },
        note: (/** @type {string} */ text) => {
          out.write(`${drawn > 0 && out.isTTY ? `\x1b[${drawn}A\x1b[J` : ''}${name}: ${text}\n`);
          drawn = 0;
          if (out.isTTY) redraw();
        },
      };
      try {
        const result = await work(report);
        finish(name, 'ready', false);
        return result;
      } catch (error) {
        finish(name, 'failed', true);
        throw error;
      }
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
    },
  };

  /** @param {string} name @param {string} text @param {boolean} failed */
  function finish(name, text, failed) {
    const line = lines.get(name);
    if (!line) return;
    Object.assign(line, { text, failed, ended: Date.now() });
    change(line);
  }
}

/** @param {Line} line */
function format(line) {
  const mark = line.failed ? '✗' : line.ended ? '✓' : '…';
  return `${mark} ${line.name}: ${line.text} (${elapsed((line.ended ?? Date.now()) - line.began)})`;
}

/**
 * @param {number} ms
 * @returns {string} such as "4 s" or "3 min 20 s"
 */
export function elapsed(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
