import { parseArgs } from 'node:util';
import { readBaseline } from './baseline.js';
import { judge } from './judge.js';
import type { Verdict } from './judge.js';
import { readGoldens } from './recordings.js';
import { against, differencesText, tableOf } from './report.js';
import { Sources } from './sources.js';

const usage = `npm run parity -- [--goldens DIR] [--only PATTERN] [--all]

Translates every file of the recordings and compares with what Microsoft's client sent.
  --goldens DIR    folder of the recordings; default: MLOPS_GOLDENS
  --only PATTERN   regular expression on the file's path or kind
  --all            tell the known differences too, not the losses alone`;

const { values } = parseArgs({
  options: {
    goldens: { type: 'string' },
    only: { type: 'string' },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const folder = values.goldens ?? process.env['MLOPS_GOLDENS'];
if (values.help || folder === undefined) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  process.exitCode = await report(folder, new RegExp(values.only ?? ''), values.all);
}

async function report(goldens: string, only: RegExp, all: boolean): Promise<number> {
  const chosen = readGoldens(goldens).filter(
    ({ recording }) => only.test(recording.yaml) || only.test(recording.kind),
  );
  const sources = new Sources();
  const verdicts: Verdict[] = [];
  try {
    for (const golden of chosen) verdicts.push(await judge(golden, sources));
  } finally {
    sources.remove();
  }
  const judged = against(readBaseline(process.cwd()), verdicts);
  const lost = judged.filter(({ losses }) => losses.length > 0);
  for (const one of all ? judged.filter(({ differences }) => differences.length > 0) : lost) {
    console.log(`${differencesText(`${one.yaml} (${one.kind})`, all ? one.differences : one.losses)}\n`);
  }
  console.log(tableOf(judged));
  console.log(
    lost.length === 0
      ? '\nEvery difference is known and has its reason in tools/parity/baseline.json.'
      : `\n${lost.length} files differ in what tools/parity/baseline.json does not know; all are listed above.`,
  );
  return lost.length === 0 ? 0 : 1;
}
