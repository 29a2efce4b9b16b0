import { z } from 'zod';
import { checkCode } from '../code.js';
import { checkEnvironment } from '../environment-checks.js';
import { environmentField, environmentId } from '../environments.js';
import { anything, compact, text, word } from '../fields.js';
import { armPrefixed } from '../references.js';
import { sparkConf, sparkKeys } from '../spark-parts.js';
import { unboundOf } from './bindings.js';
import { componentObject, componentType, filled } from './component.js';
import { componentCodeId } from './component-code.js';
import { checkIncludes } from './includes.js';

const keys = {
  type: word(['spark']),
  ...sparkKeys,
  environment: environmentField.optional(),
  properties: anything.optional(),
  additional_includes: z.array(text).optional(),
};
const schema = componentObject(keys);
export type SparkComponent = z.infer<typeof schema>;

/** A Spark program with its code. */
export const sparkComponent = componentType<SparkComponent>({
  type: 'spark',
  schema,
  keys: Object.keys(keys),
  async check(value, place) {
    const { code, environment } = value;
    return [
      ...(code === undefined ? [] : await checkCode(place, code, ['code'], { registry: true })),
      ...(await checkIncludes(value.additional_includes ?? [], code, place)),
      ...(environment === undefined ? [] : await checkEnvironment(environment, place, ['environment'])),
      // The official client registers such a component; its runs fail.
      ...unboundOf(value.args ?? '', ['args'], value).map((problem) => ({
        ...problem,
        severity: 'warning' as const,
      })),
    ];
  },
  async spec(value, place, assets) {
    const code = await componentCodeId(value, place, assets);
    const { environment } = value;
    return compact({
      code: code === undefined ? undefined : armPrefixed(code),
      entry: value.entry,
      py_files: value.py_files,
      jars: value.jars,
      files: value.files,
      archives: value.archives,
      conf: filled(sparkConf(value.conf)),
      args: value.args,
      environment:
        environment === undefined ? undefined : armPrefixed(await environmentId(environment, place, assets)),
      properties: filled(value.properties),
      additional_includes: filled(value.additional_includes ?? []),
    });
  },
});
