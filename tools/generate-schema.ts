import { writeFile } from 'node:fs/promises';
import { projectJsonSchema } from '../src/spec/json-schema.js';

await writeFile('mlops.schema.json', projectJsonSchema());
