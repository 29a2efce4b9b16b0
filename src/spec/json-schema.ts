import { jsonSchema } from './schema-keys.js';
import { projectFile } from './schema.js';

/** Text of `mlops.schema.json`, which gives editors completion and checks for `mlops.yaml`. */
export function projectJsonSchema(): string {
  return `${JSON.stringify(jsonSchema(projectFile), null, 2)}\n`;
}
