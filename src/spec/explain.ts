import { complete } from './complete.js';
import { isDefault, pathText } from './fault.js';
import { parseProject, type ParseOptions } from './project.js';
import { readYaml } from './read-yaml.js';
import { child, entriesOf, type Origin, type Path, toPlain, toTree, type Tree, withEntries } from './tree.js';

/** One setting in force, and who set it. */
export interface Explained {
  /** `environments.production.rollout.keep_previous` */
  readonly path: string;
  /** As it would be written in the file. */
  readonly value: unknown;
  /** `mlops.yaml:12`, `default`, or `extends staging`. */
  readonly origin: string;
}

/**
 * Every setting of `mlops.yaml` in force and where it comes from, in the file's words and order, short forms
 * expanded. Empty when the file has mistakes: `parseProject` names those.
 */
export function explainProject(
  text: string | Uint8Array,
  options: ParseOptions = { file: 'mlops.yaml', defaultName: 'project' },
): Explained[] {
  const read = readYaml(text, options.file);
  if (!read.ok || !parseProject(text, options).ok) return [];
  const { tree } = complete(read.tree, options);
  const on = child(tree, 'on') ?? toTree({ pull_request: 'plan', '<default branch>': 'production' });
  return flatten(withEntries(tree, { on }), [], options.file);
}

function flatten(tree: Tree, path: Path, file: string): Explained[] {
  if (tree.kind === 'branch' && entriesOf(tree).length > 0) {
    return entriesOf(tree).flatMap(([key, item]) => flatten(item, [...path, key], file));
  }
  if (tree.kind === 'list' && tree.items.some((item) => item.kind !== 'leaf')) {
    return tree.items.flatMap((item, index) => flatten(item, [...path, index], file));
  }
  return [{ path: pathText(path), value: toPlain(tree), origin: originText(tree.origin, file) }];
}

function originText(origin: Origin, file: string): string {
  if (isDefault(origin)) return 'default';
  return origin.inherited === undefined ? `${file}:${origin.line ?? 1}` : `extends ${origin.inherited}`;
}
