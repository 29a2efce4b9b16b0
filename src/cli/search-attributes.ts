import { searchAttributes } from '../workflows/messages.js';
import { failed, reasonOf } from './failures.js';
import type { Temporal } from './temporal.js';

type Name = keyof typeof searchAttributes;

/** Numbers of `temporal.api.enums.v1.IndexedValueType`, which the client does not export. */
const indexedValueType = { KEYWORD: 2 } as const;

/** Search attributes of the project that the namespace does not know yet. */
export async function missingAttributes({ connection, namespace }: Temporal): Promise<Name[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const names = Object.keys(searchAttributes) as Name[];
  return names.filter((name) => !(name in customAttributes));
}

/** @throws CliError that says how else to make them: Temporal Cloud takes them by its own console only */
export async function addAttributes(
  { connection, namespace, address }: Temporal,
  names: readonly Name[],
): Promise<void> {
  const types = names.map((name) => [name, indexedValueType[searchAttributes[name]]] as const);
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(types),
    });
  } catch (error) {
    const commands = names.map(
      (name) =>
        `  temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
    );
    throw failed(
      `the search attributes could not be registered at ${address}: ${reasonOf(error)}\nSomebody with the right to do so runs this (in Temporal Cloud: \`tcld namespace search-attributes add\`, or the console):\n${commands.join('\n')}`,
    );
  }
}
