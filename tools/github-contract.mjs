import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answeredOperations, events, sentOperations } from './github-operations.mjs';
import { root } from './prepare/paths.mjs';

/**
 * Keeps of GitHub's OpenAPI description what the tests hold us to: parameters and bodies of the operations that we use,
 * and the answers and webhooks of those that the emulator has. The whole of it (the package `@octokit/openapi`) has
 * 385 MB, so it is no dependency:
 *
 *   npm install --no-save @octokit/openapi@23.0.2 && node tools/github-contract.mjs && npm install
 */
const folder = join(root, 'node_modules/@octokit/openapi');
const { version } = await json('package.json');
const from = `@octokit/openapi ${version}`;

/** @param {string} name @returns {Promise<any>} */
async function json(name) {
  return JSON.parse(await readFile(join(folder, name), 'utf8'));
}

/** @param {string} path @param {any} operation */
function requestOf(path, operation) {
  if (operation === undefined) throw new Error(`GitHub has no such operation: ${path}`);
  const body = operation.requestBody?.content?.['application/json']?.schema;
  return {
    parameters: (operation.parameters ?? []).map((/** @type {any} */ parameter) =>
      clean({
        name: parameter.name,
        in: parameter.in,
        required: parameter.required ?? false,
        schema: parameter.schema,
      }),
    ),
    ...(body !== undefined && { body: clean(body) }),
  };
}

/** Without what is for people. @param {any} value @returns {any} */
function clean(value) {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(['description', 'example', 'examples'].includes(key) && isText(inner)))
      // Ajv takes `nullable` beside a `type` only.
      .filter(([key]) => !key.startsWith('x-') && (key !== 'nullable' || 'type' in value))
      .map(([key, inner]) => [key, clean(inner)]),
  );
}

/** @param {unknown} value */
function isText(value) {
  return typeof value !== 'object' || value === null || Array.isArray(value) || 'value' in value;
}

/** `nullable` in JSON Schema's words, whatever it stands beside. @param {any} value @returns {any} */
function nullables(value) {
  if (Array.isArray(value)) return value.map(nullables);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = corrected(value);
  const inner = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, nullables(part)]));
  return nullable === true ? { anyOf: [{ type: 'null' }, inner] } : inner;
}

/** The list of installations asks of an account to be a user and an enterprise at once. @param {any} value */
function corrected(value) {
  const { allOf, ...rest } = value;
  const titles = Array.isArray(allOf) ? allOf.map(({ title }) => String(title)) : [];
  return titles.join() === 'Simple User,Enterprise' ? { ...rest, anyOf: allOf } : value;
}

/** Content and schemas of one answer. @param {any} document @param {any} answer */
function schemaOf(document, answer) {
  const found = '$ref' in answer ? at(document, answer.$ref) : answer;
  return found.content?.['application/json']?.schema ?? null;
}

/** @param {any} document @param {string} pointer @returns {any} */
function at(document, pointer) {
  const steps = pointer.replace('#/', '').split('/');
  return steps.reduce((value, step) => value[step.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

/** The schemas that `value` needs, by their pointers. @param {any} document @param {any} value */
function needed(document, value) {
  /** @type {Record<string, any>} */
  const schemas = {};
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const [, pointer] of JSON.stringify(next).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      if (pointer === undefined || pointer in schemas) continue;
      schemas[pointer] = clean(nullables(document.components.schemas[pointer]));
      open.push(schemas[pointer]);
    }
  return schemas;
}

/** @param {any} document */
function answersOf(document) {
  const operations = Object.entries(answeredOperations).flatMap(([path, methods]) =>
    methods.map((method) => {
      const operation = document.paths[path]?.[method];
      if (operation === undefined) throw new Error(`GitHub has no such operation: ${method} ${path}`);
      const answers = Object.entries(operation.responses).map(([status, answer]) => [
        status,
        clean(nullables(schemaOf(document, answer))),
      ]);
      return { path, method, answers: Object.fromEntries(answers) };
    }),
  );
  const hooks = events.map((name) => {
    const hook = (document['x-webhooks'] ?? document.webhooks)[name]?.post;
    if (hook === undefined) throw new Error(`GitHub has no such event: ${name}`);
    return [name, clean(nullables(hook.requestBody.content['application/json'].schema))];
  });
  const used = { operations, webhooks: Object.fromEntries(hooks) };
  return { ...used, components: { schemas: needed(document, used) } };
}

/** @param {string} path @param {object} content */
async function write(path, content) {
  await writeFile(join(root, path), `${JSON.stringify({ from, ...content })}\n`);
  console.log(path);
}

const { paths } = await json('generated/api.github.com.deref.json');
const operations = Object.entries(sentOperations).flatMap(([path, methods]) =>
  methods.map((method) => ({ path, method, ...requestOf(path, paths[path]?.[method]) })),
);
await write('test/github/github-requests.json', { operations });
await write(
  'emulator/test/github/github-answers.json',
  answersOf(await json('generated/api.github.com.json')),
);
