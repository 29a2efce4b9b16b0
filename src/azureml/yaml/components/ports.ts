import { z } from 'zod';
import type { Json } from '../../types.js';
import { pythonText } from '../expressions.js';
import { boolean, choose, compact, exactWord, number, object, text } from '../fields.js';
import { dataTypes } from '../inputs.js';
import type { Problem } from '../kind.js';
import type { Path } from '../parse.js';

/** Types of data that a component takes or leaves. */
export const portTypes = [...dataTypes, 'path'] as const;
export const parameterTypes = ['number', 'integer', 'boolean', 'string'] as const;

const modes = [
  'ro_mount',
  'rw_mount',
  'mount',
  'download',
  'upload',
  'direct',
  'eval_mount',
  'eval_download',
  'link',
] as const;

const scalar = z.union([z.string(), z.number(), z.boolean()], 'expected a text, a number or true/false');

const dataPort = object({
  type: exactWord(portTypes),
  description: text.optional(),
  optional: boolean.optional(),
  mode: exactWord(modes).optional(),
});
const parameter = object({
  type: exactWord(parameterTypes),
  optional: boolean.optional(),
  default: scalar.optional(),
  description: text.optional(),
  max: number.optional(),
  min: number.optional(),
  enum: z.array(scalar.transform(String)).optional(),
});
const anyPort = object({ type: exactWord([...portTypes, ...parameterTypes]) });

export type InputPort = z.infer<typeof dataPort> | z.infer<typeof parameter>;

/** `inputs:` of a component. */
export const inputPorts = z.record(
  text,
  choose<InputPort>((value): z.ZodType<InputPort> => {
    const type = typeOf(value);
    if (isOneOf(parameterTypes, type)) return parameter;
    return isOneOf(portTypes, type) ? dataPort : anyPort;
  }),
);

const outputPort = object({
  type: exactWord([...portTypes, ...parameterTypes]),
  description: text.optional(),
  mode: exactWord(modes).optional(),
  early_available: boolean.optional(),
});
export type OutputPort = z.infer<typeof outputPort>;

/** `outputs:` of a component. */
export const outputPorts = z.record(text, outputPort);

function typeOf(value: unknown): string {
  const type = typeof value === 'object' && value !== null ? (value as Json)['type'] : undefined;
  return typeof type === 'string' ? type : '';
}

function isOneOf(values: readonly string[], value: string): boolean {
  return values.includes(value);
}

/** As the component's specification holds them: defaults and limits as Python prints them. */
export function inputPortsSpec(
  ports: Readonly<Record<string, InputPort>>,
  isFloat: (path: Path) => boolean,
): Json {
  return mapValues(ports, (port, name) => {
    if (!('type' in port) || !isOneOf(parameterTypes, port.type)) return compact({ ...port });
    const { type, default: value, min, max, ...rest } = port as z.infer<typeof parameter>;
    const written = (one: string | number | boolean | undefined, key: string) =>
      one === undefined ? undefined : parsed(one, type, isFloat(['inputs', name, key]));
    return compact({
      ...rest,
      type,
      default: written(value, 'default'),
      max: written(max, 'max'),
      min: written(min, 'min'),
    });
  });
}

/** A value parsed as its type has it, and printed again (`Input._parse` of azure-ai-ml). */
function parsed(value: string | number | boolean, type: string, float: boolean): string {
  switch (type) {
    case 'number':
      return pythonText(Number(value), true);
    case 'integer':
      return String(Math.trunc(Number(value)));
    case 'boolean':
      return pythonText(String(value).toLowerCase() === 'true', false);
    default:
      return pythonText(value, float);
  }
}

export function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  change: (value: T, key: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

const portName = /^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*$/;

/** Names that the official client refuses, and names that differ in case alone. */
export function checkPorts(group: 'inputs' | 'outputs', ports: Readonly<Record<string, unknown>>): Problem[] {
  const seen = new Map<string, string>();
  return Object.keys(ports).flatMap((name): Problem[] => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (!portName.test(name)) {
      const message = 'a name holds letters, digits and underscores, and starts with no digit';
      return [{ path: [group, name], message, found: name }];
    }
    return other === undefined
      ? []
      : [{ path: [group, name], message: `${name} and ${other} differ in case alone; rename one` }];
  });
}

/** Defaults that are no value of their type. */
export function checkDefaults(ports: Readonly<Record<string, InputPort>>): Problem[] {
  return Object.entries(ports).flatMap(([name, port]): Problem[] => {
    const value = 'default' in port ? port.default : undefined;
    if (value === undefined) return [];
    const path = ['inputs', name, 'default'];
    const wrong = (expected: string) => [
      { path, message: `the default of ${name} is no ${expected}`, found: String(value) },
    ];
    if (port.type === 'boolean' && !/^(?:true|false)$/i.test(String(value))) return wrong('boolean');
    if ((port.type === 'integer' || port.type === 'number') && Number.isNaN(Number(value)))
      return wrong('number');
    return [];
  });
}
