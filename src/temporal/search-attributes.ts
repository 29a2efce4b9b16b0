import type { Connection } from '@temporalio/client';
import { searchAttributes } from '../workflows/messages.js';

/** `IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const keyword = 2;

/**
 * Registers the project's search attributes in a namespace; those that are there stay.
 * @returns names of those that were added
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(searchAttributes).filter((name) => !(name in customAttributes));
  if (missing.length > 0) {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    });
  }
  return missing;
}
