import { addAttributes, type AttributeName } from '../temporal/search-attributes.js';
import { failed, reasonOf } from './failures.js';
import type { Temporal } from './temporal.js';

/** @throws CliError that says how else to make them: Temporal Cloud takes them by its own console only */
export async function registerAttributes(
  { connection, namespace, address }: Temporal,
  names: readonly AttributeName[],
): Promise<void> {
  try {
    await addAttributes(connection, namespace, names);
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
