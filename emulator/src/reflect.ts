/**
 * The part of the metadata proposal that `tsyringe`, and through it `@peculiar/x509`, demands before it loads:
 * its README asks for a polyfill of the user's choice. Import this module before that library.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

function own(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function inherited(key: unknown, target: object): unknown {
  const parent: unknown = Object.getPrototypeOf(target);
  return (
    own(key, target) ?? (typeof parent === 'object' && parent !== null ? inherited(key, parent) : undefined)
  );
}

function define(key: unknown, value: unknown, target: object): void {
  const known = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, known.set(key, value));
}

if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, { defineMetadata: define, getMetadata: inherited, getOwnMetadata: own });
}
