import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import contract from './github-answers.json' with { type: 'json' };

// Every answer and every webhook is held to GitHub's own description of them (tools/github-contract.mjs).

interface Operation {
  readonly path: string;
  readonly method: string;
  /** Schema of the JSON body by status; null for none. */
  readonly answers: Readonly<Record<string, object | null>>;
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
// GitHub's own defaults of such fields are empty.
ajv.addFormat('uri', (text: string) => text === '' || URL.canParse(text));
ajv.addSchema({ $id: 'github', ...contract });
const compiled = new Map<string, ValidateFunction>();

const WIDE = /\{(path|ref|basehead|branch)\}/g;
// Fixed parts go before parameters: `issues/comments/{id}` is no `issues/{number}`.
const operations = (contract.operations as readonly Operation[])
  .map((operation, at) => ({
    ...operation,
    at,
    pattern: new RegExp(`^${operation.path.replaceAll(WIDE, '(.+)').replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
    open: operation.path.split('{').length,
    wide: operation.path.match(WIDE)?.length ?? 0,
  }))
  .sort((a, b) => a.wide - b.wide || a.open - b.open || b.path.length - a.path.length);

function check(pointer: string, value: unknown): string[] {
  const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `github#/${pointer}` });
  compiled.set(pointer, validate);
  if (validate(value)) return [];
  return [
    ...new Set(validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)),
  ];
}

/** The operation of GitHub's that a path under `/github` belongs to. */
export function operationOf(method: string, path: string): (typeof operations)[number] | undefined {
  return operations.find((one) => one.method === method.toLowerCase() && one.pattern.test(path));
}

/** What an answer lacks or has beyond what GitHub describes for its operation and status. */
export function judgeAnswer(method: string, path: string, status: number, body: unknown): string[] {
  const about = `${method} ${path} ${status}`;
  if (path === '/graphql' || path.startsWith('/_codeload/')) return [];
  const found = operationOf(method, path);
  if (found === undefined)
    return [`${about}: GitHub has no such operation (or tools/github-operations.mjs lacks it)`];
  if (status === 401) return check('components/schemas/basic-error', body).map((one) => `${about}: ${one}`);
  const schema = found.answers[String(status)];
  if (schema === undefined)
    return status === 403 || status === 404 || status === 422 ? [] : [`${about}: no such status`];
  if (schema === null) return status >= 400 || body === '' ? [] : [`${about}: a body where none belongs`];
  return check(`operations/${found.at}/answers/${status}`, body).map((one) => `${about}: ${one}`);
}

/** The same for the body of a webhook; `name` such as `issue-comment-created`. */
export function judgeEvent(name: string, body: unknown): string[] {
  if (!(name in contract.webhooks))
    return [`${name}: GitHub has no such event (or tools/github-operations.mjs lacks it)`];
  return check(`webhooks/${name}`, body).map((one) => `${name}: ${one}`);
}
