import { z } from 'zod';
import type { Json } from '../types.js';
import { choose, object, text, version } from './fields.js';
import type { Problem } from './kind.js';
import type { Path } from './parse.js';

const classEntry = object({ class_name: text });
const fileEntry = object({ file: text });
const entry = choose<{ file?: string; class_name?: string }>((value) =>
  typeof value === 'object' && value !== null && 'class_name' in value ? classEntry : fileEntry,
);

/** A list of files of the code's folder, each once. */
const fileList = z.array(text).refine((files) => new Set(files).size === files.length, 'a file stands twice');

/** Spark's settings: any text, number or true/false, but none left empty. */
export const sparkSettings = z.record(z.string(), z.unknown().refine(isSaid, 'a setting needs a value'));

function isSaid(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** What a Spark run is told, in a job and in a component. */
export const sparkKeys = {
  code: text.optional(),
  entry,
  py_files: fileList.optional(),
  jars: fileList.optional(),
  files: fileList.optional(),
  archives: fileList.optional(),
  conf: sparkSettings.optional(),
  args: text.optional(),
};
export type SparkEntry = z.infer<typeof entry>;

const runtimeVersion = version.refine(
  (written) => /^\d+(?:\.\d+)*$/.test(written),
  'expected whole numbers with points between them, like 3.4',
);

export const sparkResources = object({ instance_type: text, runtime_version: runtimeVersion });

const entryTypes = { file: 'SparkJobPythonEntry', class_name: 'SparkJobScalaEntry' } as const;

/** Discriminator of an entry in requests. */
export function entryType(spec: SparkEntry): string {
  return 'class_name' in spec ? entryTypes.class_name : entryTypes.file;
}

const names: Readonly<Record<string, string>> = {
  driver_cores: 'spark.driver.cores',
  driver_memory: 'spark.driver.memory',
  executor_cores: 'spark.executor.cores',
  executor_memory: 'spark.executor.memory',
  executor_instances: 'spark.executor.instances',
  dynamic_allocation_enabled: 'spark.dynamicAllocation.enabled',
  dynamic_allocation_min_executors: 'spark.dynamicAllocation.minExecutors',
  dynamic_allocation_max_executors: 'spark.dynamicAllocation.maxExecutors',
};

const DYNAMIC = 'spark.dynamicAllocation.enabled';

/** Settings by Spark's own names, whole numbers as numbers. The official client leaves out that allocation is not dynamic. */
export function sparkConf(conf: Json | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(conf ?? {})
      .map(([key, value]): [string, unknown] => [
        names[key] ?? key,
        typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
      ])
      .filter(([key, value]) => key !== DYNAMIC || Boolean(value)),
  );
}

const known = Object.values(names);

/** Settings of a run: its own before its component's; dynamic allocation starts with the least executors. */
export function runConf(own: Json | undefined, component: Json | undefined): Record<string, unknown> {
  const [mine, theirs] = [sparkConf(own), sparkConf(component)];
  const isKnown = ([key]: [string, unknown]) => known.includes(key);
  const hasOther = Object.entries(mine).some((pair) => !isKnown(pair));
  const other = Object.entries(hasOther ? mine : theirs).filter((pair) => !isKnown(pair));
  const conf: Record<string, unknown> = {
    ...Object.fromEntries(other),
    ...Object.fromEntries(Object.entries(theirs).filter(isKnown)),
    ...Object.fromEntries(Object.entries(mine).filter(isKnown)),
  };
  const least = conf['spark.dynamicAllocation.minExecutors'];
  if (isDynamic(conf) && conf['spark.executor.instances'] === undefined && least !== undefined) {
    conf['spark.executor.instances'] = least;
  }
  return conf;
}

/** Settings of a job of its own, which says of dynamic allocation only that there is some. */
export function jobConf(conf: Json | undefined): Record<string, unknown> {
  const all = runConf(conf, undefined);
  return isDynamic(all) ? all : Object.fromEntries(Object.entries(all).filter(([key]) => key !== DYNAMIC));
}

function isDynamic(conf: Json): boolean {
  return String(conf[DYNAMIC]).toLowerCase() === 'true';
}

const always = ['spark.driver.cores', 'spark.driver.memory', 'spark.executor.cores', 'spark.executor.memory'];
const bounds = ['spark.dynamicAllocation.minExecutors', 'spark.dynamicAllocation.maxExecutors'];

/** Settings that are missing or contradict each other (`_validate_spark_configurations` of azure-ai-ml). */
export function checkConf(conf: Json, at: Path = ['conf']): Problem[] {
  const lacks = (keys: readonly string[]) =>
    keys
      .filter((key) => conf[key] === undefined || conf[key] === null)
      .map((key): Problem => ({ path: at, message: `${key} is missing`, fix: `add ${key}: under conf:` }));
  if (!isDynamic(conf)) {
    const extra = bounds.filter((key) => conf[key] !== undefined);
    return [
      ...lacks([...always, 'spark.executor.instances']),
      ...extra.map((key): Problem => ({
        path: [...at, key],
        message: 'counts only with spark.dynamicAllocation.enabled: true',
      })),
    ];
  }
  const missing = lacks([...always, ...bounds]);
  if (missing.length > 0) return missing;
  const [least, most] = bounds.map((key) => Number(conf[key]));
  const instances = Number(conf['spark.executor.instances'] ?? least);
  if (least === undefined || most === undefined || (least > 0 && least <= instances && instances <= most)) {
    return [];
  }
  const message = `expected 0 < minExecutors ≤ executor.instances ≤ maxExecutors; found ${least}, ${instances}, ${most}`;
  return [{ path: at, message }];
}

const instanceTypes = [
  'standard_e4s_v3',
  'standard_e8s_v3',
  'standard_e16s_v3',
  'standard_e32s_v3',
  'standard_e64s_v3',
];

/** A Spark run has either a compute of its own or an instance type. */
export function checkWhere({
  compute,
  resources,
}: {
  readonly compute?: string | undefined;
  readonly resources?: z.infer<typeof sparkResources> | undefined;
}): Problem[] {
  if ((compute === undefined) === (resources === undefined)) {
    const found = compute === undefined ? 'neither' : 'both';
    return [{ path: ['compute'], message: `a Spark run has compute or resources; this one has ${found}` }];
  }
  if (resources === undefined || instanceTypes.includes(resources.instance_type.toLowerCase())) return [];
  return [
    {
      path: ['resources', 'instance_type'],
      message: 'no instance type for Spark',
      found: resources.instance_type,
      allowed: instanceTypes,
    },
  ];
}

/** Data is read and written in place: no other mode exists for Spark. */
export function checkModes(io: {
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
}): Problem[] {
  return (['inputs', 'outputs'] as const).flatMap((group) =>
    Object.entries(io[group] ?? {}).flatMap(([name, port]): Problem[] => {
      if (typeof port !== 'object' || port === null) return [];
      const { mode } = port as { mode?: string };
      if (mode === 'direct') return [];
      const path = [group, name, ...(mode === undefined ? [] : ['mode'])];
      return [
        {
          path,
          message: 'Spark takes mode: direct only',
          found: mode ?? 'no mode',
          fix: 'write mode: direct',
        },
      ];
    }),
  );
}
