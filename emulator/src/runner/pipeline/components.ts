import { registryAsset } from '../../arm/registry-assets.js';
import type { EmulatorContext } from '../../context.js';
import { userError } from '../../errors.js';
import { getResource } from '../../resources.js';
import type { Json } from '../../resources.js';
import { latestVersion } from '../assets.js';
import { jsonOf } from './json.js';

/** A component as the pipeline runs it: `componentSpec` of its version. */
export interface Component {
  readonly id: string;
  readonly spec: Json;
}

/** Finds the component that a step names: an ARM id of a version or label, `azureml:NAME:VERSION`, `azureml:NAME@latest`, one of a registry. */
export function findComponent(ctx: EmulatorContext, workspaceId: string, reference: string): Component {
  if (/^azureml:\/\/registries\//i.test(reference)) return inRegistry(ctx, reference);
  const id = armId(workspaceId, reference.replace(/^azureml:(?=\/)/, ''));
  const label = /^(.*)\/labels\/(?:latest|default)$/i.exec(id)?.[1];
  const found = label === undefined ? getResource(ctx.store, id) : latestVersion(ctx, label);
  if (found === undefined) throw userError(`The component ${reference} was not found.`, 404);
  return { id: found.id, spec: jsonOf(found.properties['componentSpec']) };
}

function inRegistry(ctx: EmulatorContext, reference: string): Component {
  const found = registryAsset(ctx, reference);
  if (found === undefined) throw userError(`The component ${reference} was not found.`, 404);
  return { id: found.id, spec: jsonOf(found.properties['componentSpec']) };
}

function armId(workspaceId: string, reference: string): string {
  const named = /^(?:azureml:)?([^/:@]+)(?::([^/:]+)|@(latest|default))$/.exec(reference);
  if (named?.[1] === undefined) return reference;
  const version = named[2] === undefined ? 'labels/latest' : `versions/${named[2]}`;
  return `${workspaceId}/components/${named[1]}/${version}`;
}
