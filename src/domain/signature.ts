/** What a model takes and answers, as MLflow keeps it in the file MLmodel. Absent parts say nothing. */
export interface Signature {
  readonly inputs?: readonly Field[];
  readonly outputs?: readonly Field[];
  readonly params?: readonly Field[];
}

/** A column, a tensor or a parameter. Without a name it counts by its place. */
export interface Field {
  readonly name?: string;
  readonly type: ValueType;
  readonly required: boolean;
}

export type ValueType =
  | { readonly kind: 'scalar'; readonly type: string }
  | { readonly kind: 'array'; readonly of: ValueType }
  | { readonly kind: 'map'; readonly of: ValueType }
  | { readonly kind: 'object'; readonly fields: readonly Field[] }
  | { readonly kind: 'tensor'; readonly type: string; readonly shape: readonly number[] };

export function typeText(type: ValueType): string {
  switch (type.kind) {
    case 'scalar':
      return type.type;
    case 'array':
      return `array of ${typeText(type.of)}`;
    case 'map':
      return `map of ${typeText(type.of)}`;
    case 'object':
      return `object {${type.fields.map((field) => `${field.name ?? '?'}: ${typeText(field.type)}`).join(', ')}}`;
    case 'tensor':
      return `${type.type} tensor (${type.shape.join(', ')})`;
  }
}

/** MLflow's own names (https://mlflow.org/docs/latest/ml/model/signatures) and NumPy's for the same. */
const synonyms: Readonly<Record<string, string>> = {
  integer: 'int32',
  long: 'int64',
  float: 'float32',
  double: 'float64',
  boolean: 'bool',
  str: 'string',
};

/**
 * Whether every value of `given` can be sent where `wanted` is asked for. Wider numbers take narrower ones, whole
 * numbers pass as decimals, since requests are JSON; MLflow converts nothing else. A dimension of -1 takes any length.
 */
export function accepts(wanted: ValueType, given: ValueType): boolean {
  if (wanted.kind === 'scalar' && wanted.type === 'any') return true;
  if (wanted.kind === 'scalar') return given.kind === 'scalar' && widens(wanted.type, given.type);
  if (wanted.kind === 'tensor')
    return given.kind === 'tensor' && widens(wanted.type, given.type) && shapeFits(wanted.shape, given.shape);
  if (wanted.kind === 'object') return given.kind === 'object' && fieldsFit(wanted.fields, given.fields);
  return wanted.kind === given.kind && accepts(wanted.of, given.of);
}

function fieldsFit(wanted: readonly Field[], given: readonly Field[]): boolean {
  return wanted.every((field) => {
    const match = given.find(({ name }) => name === field.name);
    if (match === undefined) return !field.required;
    return (match.required || !field.required) && accepts(field.type, match.type);
  });
}

function shapeFits(wanted: readonly number[], given: readonly number[]): boolean {
  return wanted.length === given.length && wanted.every((size, at) => size === -1 || size === given[at]);
}

function widens(wanted: string, given: string): boolean {
  const [to, from] = [plain(wanted), plain(given)];
  if (to === from) return true;
  const [target, source] = [numberOf(to), numberOf(from)];
  if (target === undefined || source === undefined) return false;
  if (target.kind === 'float') return source.kind !== 'float' || target.bits >= source.bits;
  if (source.kind === 'float') return false;
  if (target.kind === source.kind) return target.bits >= source.bits;
  return target.kind === 'int' && target.bits > source.bits;
}

function plain(type: string): string {
  return Object.hasOwn(synonyms, type) ? (synonyms[type] ?? type) : type;
}

function numberOf(type: string): { readonly kind: string; readonly bits: number } | undefined {
  const [, kind, bits] = /^(u?int|float)(\d+)$/.exec(type) ?? [];
  return kind === undefined ? undefined : { kind, bits: Number(bits) };
}
