import type { NamedPredicted } from '../../src/domain/evaluation.js';
import { readPredicted } from '../../src/monitoring/index.js';
import { folder, write } from '../monitoring/support.js';

/** Held-out predictions of a made-up model: the larger `skill`, the further its two classes lie apart. */
export async function predictionsOf(name: string, skill: number): Promise<NamedPredicted> {
  const rows = Array.from({ length: 1500 }, (_, i) => {
    const label = (i * 7919) % 100 < 34 ? 1 : 0;
    const noise = Math.sqrt(-2 * Math.log(part(i, 1))) * Math.cos(2 * Math.PI * part(i, 2));
    return `${label},${1 / (1 + Math.exp(-(noise * 1.3 - 0.8 + label * skill)))}`;
  });
  const file = await write(await folder(), 'predictions-*.csv', ['label,probability', ...rows].join('\n'));
  return {
    name,
    role: name.startsWith('champion') ? 'champion' : 'candidate',
    ...(await readPredicted([file])),
  };
}

/** A fraction between 0 and 1 that looks random, the same at every run. */
function part(i: number, salt: number): number {
  const x = Math.sin(i * 12.9898 + salt * 78.233) * 43758.5453;
  return Math.min(0.999999, Math.max(1e-6, x - Math.floor(x)));
}
