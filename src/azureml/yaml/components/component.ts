import type { z } from 'zod';
import type { Json } from '../../types.js';
import { boolean, compact, openObject, text, texts, unknownKeys, version } from '../fields.js';
import { kind } from '../kind.js';
import type { Assets, Kind, Loaded, Place, Problem } from '../kind.js';
import { hashOfDict } from '../python-json.js';
import { checkDefaults, checkPorts, inputPorts, inputPortsSpec, outputPorts } from './ports.js';
import type { InputPort, OutputPort } from './ports.js';

/** Keys of every component. */
export const componentKeys = {
  $schema: text.optional(),
  name: text.optional(),
  version: version.optional(),
  display_name: text.optional(),
  description: text.optional(),
  tags: texts.optional(),
  is_deterministic: boolean.optional(),
  inputs: inputPorts.optional(),
  outputs: outputPorts.optional(),
};

/** What components share, whatever their type. */
export interface ComponentValue {
  readonly $schema?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly display_name?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly is_deterministic?: boolean | undefined;
  readonly inputs?: Readonly<Record<string, InputPort>> | undefined;
  readonly outputs?: Readonly<Record<string, OutputPort>> | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}

/** How a component was written: in a file of its own, or within a job. */
export type ComponentSource = 'YAML.COMPONENT' | 'YAML.JOB';

/** One type of component. */
export interface ComponentType<T extends ComponentValue = ComponentValue> {
  /** As `type:` names it. */
  readonly type: string;
  readonly schema: z.ZodType<T>;
  /** Keys that it has besides those of every component. */
  readonly keys: readonly string[];
  readonly check: (value: T, place: Place) => Promise<Problem[]>;
  /** What the type adds to the specification: code and environment in place, everything by its snake_case name. */
  readonly spec: (value: T, place: Place, assets: Assets) => Promise<Json>;
  /** The specification as it is sent, where it is hashed in another form. */
  readonly sent?: (spec: Json) => Json;
  /** Its inputs where they are not just as written. */
  readonly ports?: (value: T, place: Place) => Promise<Readonly<Record<string, InputPort>>>;
  /** Holds nodes: Azure is told less beside the specification. */
  readonly graph?: boolean;
}

/** A mapping whose unknown keys go along as they are: `specification` sends them. */
export function componentObject<S extends z.ZodRawShape>(shape: S) {
  return openObject({ ...componentKeys, ...shape });
}

/** Keeps the type of the value within a component's type. */
export function componentType<T extends ComponentValue>(type: ComponentType<T>): ComponentType {
  return type as unknown as ComponentType;
}

const typeNames: Readonly<Record<string, string>> = {
  command: 'commandComponent',
  spark: 'sparkComponent',
  parallel: 'parallelComponent',
  pipeline: 'pipelineComponent',
};

/** `az ml component create` for one type. */
export function componentKind(type: ComponentType, detects: Kind['detects']): Kind {
  return kind<ComponentValue>({
    name: typeNames[type.type] ?? `${type.type}Component`,
    roles: ['setup'],
    family: 'component',
    order: 5,
    detects,
    schema: type.schema,
    check: (value, place) => checkComponent(type, value, place),
    checkAlone: ({ name }) => checkName(name),
    async toRest(value, place, assets) {
      const name = value.name ?? '';
      const made = value.version ?? (await assets.next('components', name));
      const spec = await specification(type, value, place, assets);
      // A version that the client chose is no part of the specification.
      const full = compact({ ...spec, name, version: value.version });
      const hash = hashOfDict(full, ['version'], place.isFloat);
      const properties = body(
        type,
        value,
        { ...withoutHashes(full), _source: 'YAML.COMPONENT' },
        { name, hash },
      );
      return { resource: `/components/${name}/versions/${made}`, body: { properties } };
    },
  });
}

/** Registers a component under the name that its content gives it; answers its ARM id. */
export async function anonymousComponent(
  type: ComponentType,
  value: ComponentValue,
  place: Place,
  assets: Assets,
  source: ComponentSource,
): Promise<string> {
  const spec = await specification(type, value, place, assets);
  const hash = hashOfDict(spec, ['name', 'id', 'version', '_source'], place.isFloat);
  const full = { ...sentOf(type, spec), name: 'azureml_anonymous', version: '1', _source: source };
  return assets.register('components', 'azureml_anonymous', hash, body(type, value, full));
}

function sentOf(type: ComponentType, spec: Json): Json {
  return withoutHashes(type.sent?.(spec) ?? spec);
}

/** Hashes of local inputs make a pipeline component another one, but are not sent. */
function withoutHashes(spec: Json): Json {
  return JSON.parse(
    JSON.stringify(spec, (key, value: unknown) => (key === 'content_hash' ? undefined : value)),
  ) as Json;
}

async function specification(
  type: ComponentType,
  value: ComponentValue,
  place: Place,
  assets: Assets,
): Promise<Json> {
  const { outputs = {} } = value;
  const inputs = (await type.ports?.(value, place)) ?? value.inputs ?? {};
  return compact({
    ...unknownKeys(value, [...Object.keys(componentKeys), ...type.keys]),
    ...(await type.spec(value, place, assets)),
    $schema: value.$schema,
    display_name: value.display_name,
    description: value.description,
    tags: filled(value.tags),
    is_deterministic: value.is_deterministic ?? (type.graph === true ? undefined : true),
    inputs: filled(inputPortsSpec(inputs, place.isFloat)),
    outputs: filled(Object.fromEntries(Object.entries(outputs).map(([name, port]) => [name, compact(port)]))),
    type: type.type,
  });
}

/** Empty mappings are not sent. */
export function filled<T extends object>(mapping: T | undefined): T | undefined {
  return mapping === undefined || Object.keys(mapping).length === 0 ? undefined : mapping;
}

function body(
  type: ComponentType,
  value: ComponentValue,
  componentSpec: Json,
  named?: { readonly name: string; readonly hash: string },
): Json {
  const isGraph = type.graph === true;
  const hash = named === undefined || isGraph ? {} : { client_component_hash: named.hash };
  return compact({
    componentSpec,
    description: value.description,
    isAnonymous: named === undefined,
    isArchived: isGraph ? undefined : false,
    properties: { ...value.properties, ...hash },
    tags: value.tags ?? {},
  });
}

const componentName = /^[a-z][a-z\d_]*$/;

/** What is wrong with a component, wherever it stands. */
export async function checkComponent(
  type: ComponentType,
  value: ComponentValue,
  place: Place,
): Promise<Problem[]> {
  const { inputs = {}, outputs = {} } = value;
  return [
    ...checkPorts('inputs', inputs),
    ...checkPorts('outputs', outputs),
    ...checkDefaults(inputs),
    ...(await type.check(value, place)),
  ];
}

function checkName(name: string | undefined): Problem[] {
  if (name === undefined) {
    return [
      { path: ['name'], message: 'missing; a component that is registered has a name', fix: 'add name:' },
    ];
  }
  if (componentName.test(name)) return [];
  const message =
    'the name of a component holds lower-case letters, digits and underscores, and starts with a letter';
  return [
    {
      path: ['name'],
      message,
      found: name,
      fix: `write ${name.toLowerCase().replaceAll(/[^a-z\d]+/g, '_')}`,
    },
  ];
}

/** The type of a component that was read from a file. */
export function typeOfLoaded(types: readonly ComponentType[], { kind: { name } }: Loaded): ComponentType {
  const found = types.find((type) => (typeNames[type.type] ?? '') === name);
  if (found === undefined) throw new Error(`${name} is no component`);
  return found;
}
