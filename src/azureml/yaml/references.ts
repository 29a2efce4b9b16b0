import { z } from 'zod';
import type { Assets, AssetType } from './kind.js';

/** A reference to something in Azure, as the CLI's files write it. */
export type Reference =
  | { readonly kind: 'arm'; readonly id: string }
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'version'; readonly name: string; readonly version: string }
  | { readonly kind: 'label'; readonly name: string; readonly label: string }
  | { readonly kind: 'name'; readonly name: string };

/** `azureml:d:3`, `azureml:d@latest`, `azureml:/subscriptions/…`, `azureml://…`, `https://…`; undefined for a local path. */
export function parseReference(text: string): Reference | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || text.startsWith('runs:/')) return { kind: 'uri', uri: text };
  if (/^\/subscriptions\//i.test(text)) return { kind: 'arm', id: text };
  if (!/^azureml:/i.test(text)) return undefined;
  const rest = text.slice('azureml:'.length);
  if (rest.startsWith('/')) return { kind: 'arm', id: rest };
  const versioned = /^([^:@]+):([^:@]+)$/.exec(rest);
  if (versioned?.[1] !== undefined && versioned[2] !== undefined) {
    return { kind: 'version', name: versioned[1], version: versioned[2] };
  }
  const labelled = /^([^:@]+)@([^:@]+)$/.exec(rest);
  if (labelled?.[1] !== undefined && labelled[2] !== undefined) {
    return { kind: 'label', name: labelled[1], label: labelled[2] };
  }
  return { kind: 'name', name: rest };
}

/** ARM id (or the address itself) of a reference to an asset with versions. `@latest` is looked up. */
export async function assetId(assets: Assets, type: AssetType, reference: Reference): Promise<string> {
  switch (reference.kind) {
    case 'arm':
      return reference.id;
    case 'uri':
      return reference.uri;
    case 'version':
      return versionId(assets.workspace, type, reference.name, reference.version);
    case 'label':
      if (isDefault(type, reference.label))
        return `${assets.workspace}/components/${reference.name}/labels/default`;
      return versionId(assets.workspace, type, reference.name, await assets.latest(type, reference.name));
    case 'name':
      throw new Error(
        `azureml:${reference.name} names no version; write azureml:${reference.name}:1 or azureml:${reference.name}@latest`,
      );
  }
}

export function versionId(workspace: string, type: string, name: string, version: string): string {
  return `${workspace}/${type}/${name}/versions/${version}`;
}

/** Name and version of an ARM id of an asset; undefined for anything else. */
export function nameAndVersion(id: string): { readonly name: string; readonly version: string } | undefined {
  const found = /\/([^/]+)\/versions\/([^/]+)$/.exec(id);
  return found?.[1] === undefined || found[2] === undefined
    ? undefined
    : { name: found[1], version: found[2] };
}

const needsVersion = (type: string) =>
  `expected azureml:<${type}>:<version>, azureml:<${type}>@latest, azureml://registries/… or azureml:<ARM id>`;

/** A text that refers to something in Azure and names a version of it; the prefix is told from others by its case. */
export function versionedReference(type: string) {
  return z.string().refine((value) => {
    if (value.startsWith('azureml://registries/')) return true;
    const reference = value.startsWith('azureml:') ? parseReference(value) : undefined;
    switch (reference?.kind) {
      case 'arm':
        return /\/(?:versions|labels)\/[^/]+$/.test(reference.id);
      case 'version':
        return !reference.name.includes('/');
      case 'label':
        return reference.label === 'latest' || isCurated(reference.name) || isDefault(type, reference.label);
      case 'name':
        return isCurated(reference.name);
      default:
        return false;
    }
  }, needsVersion(type));
}

/** Components alone have a default version. */
function isDefault(type: string, label: string): boolean {
  return type.startsWith('component') && label === 'default';
}

/** A text with the prefix `azureml:`; for what has a name and no version. */
export function prefixedReference(type: string) {
  return z.string().startsWith('azureml:', `expected azureml:<${type}>`);
}

/** Microsoft's own environments are known by name and label to the service itself. */
export function isCurated(name: string): boolean {
  return name.startsWith('AzureML-');
}

/** ARM id of a compute. `serverless` is one of the workspace's. */
export function computeId(workspace: string, compute: string): string {
  const name = compute.replace(/^azureml:/i, '');
  if (name.startsWith('/')) return name;
  const cluster = /^virtualclusters\/(.+)$/i.exec(name)?.[1];
  if (cluster === undefined) return `${workspace}/computes/${name}`;
  return `${resourceGroupOf(workspace)}/providers/Microsoft.MachineLearningServices/virtualclusters/${cluster}`;
}

/** What a job is called until it is sent under a name of its own. */
export const AUTO_NAME = '<auto-name>';

/** ARM id of the workspace's resource group. */
export function resourceGroupOf(workspace: string): string {
  return workspace.replace(/^\{ws\}$/, '{rg}').replace(/\/providers\/.*$/, '');
}

/** Path of a request: `resource` stands below the workspace unless it starts at the root. */
export function requestPath(workspace: string, resource: string): string {
  return /^(?:\/subscriptions\/|\{)/.test(resource) ? resource : workspace + resource;
}

/** An ARM id as a component's specification holds it. */
export function armPrefixed(id: string): string {
  return id.startsWith('azureml:') ? id : `azureml:${id}`;
}

/** ARM id of something in the workspace that has no versions, `azureml:` or not. */
export function armId(workspace: string, type: string, name: string): string {
  const plain = name.replace(/^azureml:/i, '');
  return plain.startsWith('/') ? plain : `${workspace}/${type}/${plain}`;
}
