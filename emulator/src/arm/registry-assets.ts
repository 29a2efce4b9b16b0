import type { EmulatorContext } from '../context.js';
import { getResource, resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';

/** `azureml://registries/{registry}/{models|…}/{name}/versions/{version}`: the stored asset, if the registry is one of ours. */
export function registryAsset(ctx: EmulatorContext, reference: string): StoredResource | undefined {
  const [, registry = '', path = ''] = /^azureml:\/\/registries\/([^/]+)\/(.+)$/.exec(reference) ?? [];
  const found = findRegistry(ctx, registry);
  return found === undefined ? undefined : getResource(ctx.store, `${found.id}/${path}`);
}

/** A registry by its name, which is unique in the tenant. */
export function findRegistry(ctx: EmulatorContext, name: string): StoredResource | undefined {
  return resourcesOf(ctx.store)
    .list('/subscriptions/')
    .find(({ key }) => key.endsWith(`/registries/${name.toLowerCase()}`) && /\/registries\/[^/]+$/.test(key))
    ?.value;
}

/**
 * Where clients over https are told that a blob of a registry lies: `{base}/{container}/{path}`, since they take what stands
 * before the container for a host.
 */
export function registryUri({ blob }: EmulatorContext, base: string, uri: string): string {
  const own = [blob.publicUrl, blob.url].find((url) => uri.startsWith(`${url}/`));
  return own === undefined || !base.startsWith('https:') ? uri : `${base}${uri.slice(own.length)}`;
}
