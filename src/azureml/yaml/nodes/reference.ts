import { anonymousComponent, checkComponent, typeOfLoaded } from '../components/component.js';
import type { ComponentType, ComponentValue } from '../components/component.js';
import { componentTypes } from '../components/registry.js';
import { choose, text } from '../fields.js';
import type { Assets, Place, Problem } from '../kind.js';
import { checkPath } from '../paths.js';
import { assetId, parseReference, versionedReference } from '../references.js';
import { problemsOf } from '../mistakes.js';
import type { NodeComponent } from './node.js';

const componentReference = versionedReference('component');

/** `component:` of a node: a reference, a file, or (of some types) the component itself. */
export function componentField(type: ComponentType) {
  return choose<string | ComponentValue>((value) => (typeof value === 'string' ? text : type.schema));
}

/** The component that `value` stands for. Throws when its file holds mistakes: `checkReference` tells them before. */
export async function resolveComponent(
  value: string | ComponentValue,
  type: ComponentType,
  place: Place,
): Promise<NodeComponent> {
  if (typeof value !== 'string') return { kind: 'local', type, value, place, source: 'YAML.JOB' };
  if (isRemote(value)) {
    const source = value.startsWith('azureml://registries/')
      ? 'REMOTE.REGISTRY'
      : 'REMOTE.WORKSPACE.COMPONENT';
    return { kind: 'remote', id: value, source };
  }
  const { loaded } = await place.open(fileOf(value), 'component');
  if (loaded === undefined) throw new Error(`${value} holds mistakes`);
  return {
    kind: 'local',
    type: typeOfLoaded(componentTypes(), loaded),
    value: loaded.value as ComponentValue,
    place: loaded.place,
    // A component that is named with `file:` counts as written within the job.
    source: value.startsWith('file:') ? 'YAML.JOB' : 'YAML.COMPONENT',
  };
}

function fileOf(value: string): string {
  return value.replace(/^file:/, '');
}

function isRemote(value: string): boolean {
  return !value.startsWith('file:') && parseReference(value) !== undefined;
}

/** ARM id of a node's component, registered under the name of its content when it is local. */
export async function nodeComponentId(component: NodeComponent, assets: Assets): Promise<string> {
  if (component.kind === 'local') {
    const { type, value, place, source } = component;
    return anonymousComponent(type, value, place, assets, source);
  }
  const reference = parseReference(component.id);
  if (reference?.kind === 'label' && reference.label === 'default') {
    return `${assets.workspace}/components/${reference.name}/labels/default`;
  }
  if (reference?.kind === 'name') {
    return `${assets.workspace}/components/${reference.name}/labels/default`;
  }
  return reference === undefined ? component.id : assetId(assets, 'components', reference);
}

/** Mistakes of a node's component, wherever it stands. */
export async function checkReference(
  value: string | ComponentValue,
  type: ComponentType,
  place: Place,
  key = 'component',
): Promise<Problem[]> {
  if (typeof value !== 'string') {
    const problems = await checkComponent(type, value, place);
    return problems.map((problem) => ({ ...problem, path: [key, ...problem.path] }));
  }
  if (isRemote(value)) {
    const { error } = componentReference.safeParse(value);
    return error === undefined
      ? []
      : problemsOf(error, value).map((problem) => ({ ...problem, path: [key] }));
  }
  const missing = await checkPath(place, fileOf(value), [key], 'file');
  if (missing.length > 0) return missing;
  const { loaded, mistakes } = await place.open(fileOf(value), 'component');
  const told =
    mistakes.length === 0 ? [] : [{ path: [key], message: 'the component holds mistakes', mistakes }];
  if (loaded === undefined || loaded.kind.name === `${type.type}Component`) return told;
  const message = `${value} is a ${loaded.kind.name}; this node runs a component of type ${type.type}`;
  return [...told, { path: [key], message }];
}
