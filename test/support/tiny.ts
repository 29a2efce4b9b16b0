import type { Repository } from '../../tools/local/github.js';
import type { ProjectEntry } from './policy-text.js';
import { edit, type Stack } from './stack.js';

const fixture = 'test/e2e/fixtures/tiny';

/** A project whose jobs take about a second: the fixture under a name of its own. */
export interface Tiny {
  readonly name: string;
  readonly repository: Repository;
  readonly dir: string;
}

export function tinyRepository(name: string): Repository {
  return { owner: 'contoso', name };
}

/** Its entry in the policy. */
export function tinyEntry(name: string): ProjectEntry {
  return { repository: `contoso/${name}` };
}

/** Policy entries of several. */
export function tinyEntries(...names: readonly string[]): Record<string, ProjectEntry> {
  return Object.fromEntries(names.map((name) => [name, tinyEntry(name)]));
}

/** A checkout of the fixture named `name`, in a repository of that name. */
export async function tiny(stack: Stack, name: string): Promise<Tiny> {
  const repository = tinyRepository(name);
  await stack.repositories(repository);
  const dir = await stack.checkout(fixture);
  await edit(
    dir,
    'mlops.yaml',
    ['name: tiny\n', `name: ${name}\n`],
    ['endpoint.name: tiny }', `endpoint.name: ${name} }`],
    ['azureml:tiny-train', `azureml:${name}-train`],
    ['{ name: tiny,', `{ name: ${name},`],
  );
  await edit(dir, 'azureml/prepare.yml', ['tiny-train', `${name}-train`]);
  await edit(dir, 'azureml/train.yml', ['tiny-train', `${name}-train`]);
  await edit(
    dir,
    'azureml/evaluate.yml',
    ['tiny-train', `${name}-train`],
    ['azureml:tiny@', `azureml:${name}@`],
  );
  await edit(dir, 'azureml/endpoint.yml', ['tiny-staging', `${name}-staging`]);
  await edit(
    dir,
    'azureml/deployment.yml',
    ['tiny-staging', `${name}-staging`],
    ['azureml:tiny@', `azureml:${name}@`],
  );
  return { name, repository, dir };
}

/** Makes jobs take longer, so that something can happen to them meanwhile. */
export async function slower({ dir }: Tiny, seconds: number, file = 'azureml/train.yml'): Promise<void> {
  await edit(dir, file, ['seconds: 0', `seconds: ${seconds}`]);
}
