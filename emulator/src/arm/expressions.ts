import { createHash } from 'node:crypto';
import { AzureError } from '../errors.js';
import { resourceGroupId } from '../ids.js';
import type { Json } from '../resources.js';

/** What expressions of an ARM template may refer to. */
export interface TemplateScope {
  readonly subscription: string;
  readonly group: { readonly name: string; readonly location: string };
  readonly parameters: Json;
  readonly variables: Json;
  /** `reference(id)`: the properties of a resource that exists. */
  readonly reference: (id: string, full: boolean) => unknown;
}

type Token = { kind: 'text' | 'name' | 'number' | 'mark'; value: string };

function invalid(message: string): AzureError {
  return new AzureError(400, 'InvalidTemplate', `Deployment template validation failed: '${message}'`);
}

/** Evaluates every `[expression]` in a JSON value; `[[` stands for a literal bracket. */
export function evaluateDeep(value: unknown, scope: TemplateScope): unknown {
  if (typeof value === 'string') return evaluateText(value, scope);
  if (Array.isArray(value)) return value.map((entry) => evaluateDeep(entry, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, evaluateDeep(entry, scope)]));
}

function evaluateText(text: string, scope: TemplateScope): unknown {
  if (text.startsWith('[[')) return text.slice(1);
  if (!text.startsWith('[') || !text.endsWith(']')) return text;
  const tokens = tokenize(text.slice(1, -1));
  const value = expression(tokens, scope);
  if (tokens.length > 0) throw invalid(`unexpected '${tokens[0]?.value ?? ''}' in ${text}`);
  return value;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_]\w*)|([()[\],.]))/y;
  while (pattern.lastIndex < source.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (match === null) throw invalid(`unable to parse '${source}' at ${at}`);
    const [, text, number, name, mark] = match;
    if (text !== undefined) tokens.push({ kind: 'text', value: text.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else tokens.push({ kind: 'mark', value: mark ?? '' });
  }
  return tokens;
}

function expression(tokens: Token[], scope: TemplateScope): unknown {
  const token = tokens.shift();
  if (token === undefined) throw invalid('an expression ends too early');
  if (token.kind === 'text') return token.value;
  if (token.kind === 'number') return Number(token.value);
  if (token.kind !== 'name') throw invalid(`unexpected '${token.value}'`);
  if (tokens.shift()?.value !== '(') throw invalid(`'(' is expected after '${token.value}'`);
  return members(call(token.value, list(tokens, scope), scope), tokens, scope);
}

function list(tokens: Token[], scope: TemplateScope): unknown[] {
  const found: unknown[] = [];
  while (tokens[0]?.value !== ')' || tokens[0].kind !== 'mark') {
    found.push(expression(tokens, scope));
    if (tokens[0]?.value === ',') tokens.shift();
    else if (tokens[0]?.value !== ')')
      throw invalid(`',' or ')' is expected, found '${tokens[0]?.value ?? 'the end'}'`);
  }
  tokens.shift();
  return found;
}

/** `.name`, `['name']` and `[0]` after a call. */
function members(start: unknown, tokens: Token[], scope: TemplateScope): unknown {
  let value = start;
  while (tokens[0]?.kind === 'mark' && (tokens[0].value === '.' || tokens[0].value === '[')) {
    const open = tokens.shift()?.value;
    const key = open === '.' ? tokens.shift()?.value : expression(tokens, scope);
    if (open === '[' && tokens.shift()?.value !== ']') throw invalid("']' is expected");
    value = (value as Record<string, unknown> | undefined)?.[String(key)];
    if (value === undefined) throw invalid(`the property '${String(key)}' does not exist`);
  }
  return value;
}

function call(name: string, args: readonly unknown[], scope: TemplateScope): unknown {
  const texts = args.map(String);
  const [first = ''] = texts;
  switch (name.toLowerCase()) {
    case 'parameters':
      return lookUp(scope.parameters, first, 'parameter');
    case 'variables':
      return evaluateDeep(lookUp(scope.variables, first, 'variable'), scope);
    case 'resourceid':
      return resourceId(texts, scope);
    case 'concat':
      return Array.isArray(args[0]) ? args.flat() : texts.join('');
    case 'format':
      return first.replace(/\{(\d+)\}/g, (_, at: string) => texts[Number(at) + 1] ?? '');
    case 'tolower':
      return first.toLowerCase();
    case 'toupper':
      return first.toUpperCase();
    case 'substring':
      return first.slice(
        Number(args[1]),
        args[2] === undefined ? undefined : Number(args[1]) + Number(args[2]),
      );
    case 'uniquestring':
      return createHash('sha256').update(texts.join('-')).digest('hex').slice(0, 13);
    case 'resourcegroup':
      return { ...scope.group, id: resourceGroupId(scope.subscription, scope.group.name) };
    case 'subscription':
      return { subscriptionId: scope.subscription, id: `/subscriptions/${scope.subscription}` };
    case 'reference':
      return scope.reference(first, texts[2]?.toLowerCase() === 'full');
    case 'createobject':
      return Object.fromEntries(texts.flatMap((key, at) => (at % 2 === 0 ? [[key, args[at + 1]]] : [])));
    case 'createarray':
      return args;
    case 'true':
    case 'false':
      return name.toLowerCase() === 'true';
    case 'null':
      return null;
    default:
      throw invalid(`the template function '${name}' is not valid in this emulator`);
  }
}

function lookUp(json: Json, name: string, kind: string): unknown {
  const key = Object.keys(json).find((known) => known.toLowerCase() === name.toLowerCase());
  if (key === undefined) throw invalid(`the template ${kind} '${name}' is not found`);
  return json[key];
}

/** `resourceId([subscription], [group], type, name…)` */
function resourceId(args: readonly string[], scope: TemplateScope): string {
  const at = args.findIndex((text) => text.includes('/'));
  if (at === -1) throw invalid('resourceId needs a resource type');
  const subscription = at === 2 ? args[0] : undefined;
  const group = at === 0 ? undefined : args[at - 1];
  return `${resourceGroupId(subscription ?? scope.subscription, group ?? scope.group.name)}/providers/${typedPath(args[at] ?? '', args.slice(at + 1).join('/'))}`;
}

/** `Microsoft.X/a/b` and `n/m` make `Microsoft.X/a/n/b/m`. */
export function typedPath(type: string, name: string): string {
  const [provider = '', ...types] = type.split('/');
  const names = name.split('/');
  if (types.length !== names.length) throw invalid(`the name '${name}' does not fit the type '${type}'`);
  return [provider, ...types.flatMap((each, at) => [each, names[at] ?? ''])].join('/');
}
