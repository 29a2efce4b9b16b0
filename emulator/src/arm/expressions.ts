import { AzureError } from '../errors.js';
import { TENANT, resourceGroupId } from '../ids.js';
import type { Json } from '../resources.js';
import { FUNCTIONS } from './template-functions.js';

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
  const value = expression(tokens);
  if (tokens.length > 0) throw invalid(`unexpected '${tokens[0]?.value ?? ''}' in ${text}`);
  return value(scope);
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

/** A parsed expression: evaluated only where its value is asked for, as `if` leaves one branch alone. */
type Expression = (scope: TemplateScope) => unknown;

function expression(tokens: Token[]): Expression {
  const token = tokens.shift();
  if (token === undefined) throw invalid('an expression ends too early');
  if (token.kind === 'text') return () => token.value;
  if (token.kind === 'number') return () => Number(token.value);
  if (token.kind !== 'name') throw invalid(`unexpected '${token.value}'`);
  if (tokens.shift()?.value !== '(') throw invalid(`'(' is expected after '${token.value}'`);
  return members(call(token.value.toLowerCase(), list(tokens)), tokens);
}

function list(tokens: Token[]): Expression[] {
  const found: Expression[] = [];
  while (tokens[0]?.value !== ')' || tokens[0].kind !== 'mark') {
    found.push(expression(tokens));
    if (tokens[0]?.value === ',') tokens.shift();
    else if (tokens[0]?.value !== ')')
      throw invalid(`',' or ')' is expected, found '${tokens[0]?.value ?? 'the end'}'`);
  }
  tokens.shift();
  return found;
}

/** `.name`, `['name']` and `[0]` after a call. */
function members(start: Expression, tokens: Token[]): Expression {
  let value = start;
  while (tokens[0]?.kind === 'mark' && (tokens[0].value === '.' || tokens[0].value === '[')) {
    const open = tokens.shift()?.value;
    const name = open === '.' ? (tokens.shift()?.value ?? '') : undefined;
    const key = name === undefined ? expression(tokens) : () => name;
    if (open === '[' && tokens.shift()?.value !== ']') throw invalid("']' is expected");
    value = member(value, key);
  }
  return value;
}

function member(of: Expression, key: Expression): Expression {
  return (scope) => {
    const name = String(key(scope));
    const value = (of(scope) as Record<string, unknown> | undefined)?.[name];
    if (value === undefined) throw invalid(`the property '${name}' does not exist`);
    return value;
  };
}

function call(name: string, args: readonly Expression[]): Expression {
  if (name === 'if') return (scope) => (args[0]?.(scope) === true ? args[1] : args[2])?.(scope);
  const inScope = SCOPED[name];
  const pure = FUNCTIONS[name];
  if (inScope === undefined && pure === undefined)
    throw invalid(`the template function '${name}' is not valid in this emulator`);
  return (scope) => {
    const values = args.map((arg) => arg(scope));
    return inScope === undefined ? pure?.(...values) : inScope(scope, values.map(String));
  };
}

/** Functions that read the deployment. */
const SCOPED: Record<string, (scope: TemplateScope, args: readonly string[]) => unknown> = {
  parameters: ({ parameters }, [name = '']) => lookUp(parameters, name, 'parameter'),
  variables: (scope, [name = '']) => evaluateDeep(lookUp(scope.variables, name, 'variable'), scope),
  resourceid: (scope, args) => resourceId(args, scope),
  subscriptionresourceid: ({ subscription }, [type = '', ...names]) =>
    `/subscriptions/${subscription}/providers/${typedPath(type, names.join('/'))}`,
  resourcegroup: ({ subscription, group }) => ({ ...group, id: resourceGroupId(subscription, group.name) }),
  subscription: ({ subscription }) => ({
    subscriptionId: subscription,
    id: `/subscriptions/${subscription}`,
    tenantId: TENANT,
  }),
  reference: ({ reference }, [id = '', , full]) => reference(id, full?.toLowerCase() === 'full'),
};

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
