import { execFile } from 'node:child_process';
import type { Environments } from '../environments.js';
import { toMultiple } from './sampler.js';
import type { Sampler, Seen, Values } from './sampler.js';
import type { Parameter, Space, SweepSpec } from './spec.js';

/** What chooses trials by what earlier ones came to. */
const OPTUNA = 'optuna>=4,<6';

/**
 * Tells a study what was seen and asks it for what comes next. Each run starts from nothing, so a sweep outlives the
 * emulator. `count` trials are asked for at once: Sobol's sequence is drawn as a whole.
 */
const SCRIPT = `
import json, sys, warnings
warnings.filterwarnings("ignore")
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
ask = json.load(sys.stdin)
D = optuna.distributions
def distribution(p):
    kind = p["kind"]
    if kind == "choice": return D.CategoricalDistribution([json.dumps(v) for v in p["values"]])
    if kind == "randint": return D.IntDistribution(0, p["upper"] - 1)
    return D.FloatDistribution(p["min"], p["max"])
space = {name: distribution(p) for name, p in ask["space"].items()}
def stored(name, value): return json.dumps(value) if ask["space"][name]["kind"] == "choice" else value
def shown(name, value): return json.loads(value) if ask["space"][name]["kind"] == "choice" else value
if ask["sampling"] == "sobol":
    sampler = optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=ask["seed"])
else:
    sampler = optuna.samplers.TPESampler(seed=ask["seed"] + len(ask["seen"]), constant_liar=True, n_startup_trials=5, multivariate=True)
study = optuna.create_study(direction="maximize" if ask["maximize"] else "minimize", sampler=sampler)
S = optuna.trial.TrialState
for seen in ask["seen"]:
    params = {k: stored(k, v) for k, v in seen["values"].items()}
    value = seen["metric"]
    state = S.RUNNING if value is None else S.COMPLETE
    study.add_trial(optuna.trial.create_trial(params=params, distributions=space, value=value, state=state))
trials = [study.ask(space).params for _ in range(ask["count"])]
print(json.dumps([{k: shown(k, v) for k, v in t.items()} for t in trials]))
`;

/** Choices by Optuna in a Python environment of its own: TPE for Bayesian sampling, else Sobol's sequence. */
export function optunaSampler(
  environments: Environments,
  spec: SweepSpec,
  seed: number,
  onLine: (line: string) => void,
): Sampler {
  const { space, maximize, sampling } = spec;
  const ask = async (seen: readonly Seen[], count: number): Promise<Values[]> => {
    const { python } = await environments.ensureFromPip([OPTUNA], onLine);
    const told = seen.map(({ values, metric }) => ({
      values: within(space, values),
      metric: metric ?? null,
    }));
    const asked = await runPython(python, { space, maximize, sampling, seed, count, seen: told });
    return (asked as Values[]).map((values) => finished(space, values));
  };
  if (sampling === 'bayesian') return { next: async (seen) => (await ask(seen, 1))[0] };
  let sequence: Promise<Values[]> | undefined;
  let at = 0;
  return {
    async next() {
      sequence ??= ask([], spec.most);
      const values = (await sequence)[at];
      at += 1;
      return values;
    },
  };
}

/** Rounding may have put a value beyond its bounds, where the study would refuse it. */
function within(space: Space, values: Values): Values {
  return mapValues(space, values, (parameter, value) =>
    'min' in parameter && typeof value === 'number'
      ? Math.min(parameter.max, Math.max(parameter.min, value))
      : value,
  );
}

/** From the scale of the study to that of the trial. */
function finished(space: Space, values: Values): Values {
  return mapValues(space, values, (parameter, value) => {
    if (typeof value !== 'number' || !('min' in parameter)) return value;
    const scaled = parameter.kind === 'loguniform' ? Math.exp(value) : value;
    return parameter.q === undefined ? scaled : toMultiple(scaled, parameter.q);
  });
}

function mapValues(
  space: Space,
  values: Values,
  change: (parameter: Parameter, value: unknown) => unknown,
): Values {
  const changed = Object.entries(space).map(([name, parameter]) => [name, change(parameter, values[name])]);
  return Object.fromEntries(changed) as Values;
}

function runPython(python: string, input: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      python,
      ['-c', SCRIPT],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout));
        else reject(new Error(`The sampler of the sweep failed: ${stderr.slice(-2000) || error.message}`));
      },
    );
    child.stdin?.end(JSON.stringify(input));
  });
}
