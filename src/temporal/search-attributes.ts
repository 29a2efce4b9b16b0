import type { Connection } from '@temporalio/client';
import { searchAttributes } from '../workflows/messages.js';

export type AttributeName = keyof typeof searchAttributes;

/** Numbers of `temporal.api.enums.v1.IndexedValueType`, which the client does not export. */
const indexedValueType = { KEYWORD: 2 } as const;

/** Search attributes of the project that a namespace does not know yet. */
export async function missingAttributes(connection: Connection, namespace: string): Promise<AttributeName[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const names = Object.keys(searchAttributes) as AttributeName[];
  return names.filter((name) => !(name in customAttributes));
}

/** Temporal Cloud takes them by its own console only, and refuses this call. */
export async function addAttributes(
  connection: Connection,
  namespace: string,
  names: readonly AttributeName[],
): Promise<void> {
  if (names.length === 0) return;
  const types = names.map((name) => [name, indexedValueType[searchAttributes[name]]] as const);
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(types),
  });
}
