import type { Json } from '../../src/resources.js';
import { W } from './harness.js';
import type { Harness } from './harness.js';

/** Without packages: what the tests of sweeps and pipelines run needs nothing but Python, so it starts in no time. */
export const PLAIN = `${W}/environments/plain/versions/1`;

export function putPlainEnvironment(emulator: Harness): void {
  emulator.put('/environments/plain/versions/1', { condaFile: 'dependencies: [python, pip]' });
}

/** A script that logs `score` as often as it is told to, as MLflow's client does. */
export const LOGGER = `
import json, os, sys, time, urllib.request
def log(value, step=0):
    base = os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/log-metric"
    body = {"run_id": os.environ["MLFLOW_RUN_ID"], "key": "score", "value": value, "timestamp": int(time.time() * 1000), "step": step}
    urllib.request.urlopen(urllib.request.Request(base, json.dumps(body).encode(), {"content-type": "application/json"}))
`;

/** The jobs whose name begins with the parent's, by name. */
export function childrenOf(emulator: Harness, parent: string): Record<string, Json & { status: string }> {
  const prefix = `${W}/jobs/${parent}_`.toLowerCase();
  const found = emulator.ctx.store
    .collection<{ name: string; properties: Json & { status: string } }>('resources')
    .list(prefix);
  return Object.fromEntries(found.map(({ value }) => [value.name, value.properties]));
}
