import type { z } from 'zod';
import { nearest } from '../domain/text.js';
import type { Fault } from './fault.js';
import { allowedKeys, placesOf } from './schema-keys.js';
import { nearestAt, type Path, toPlain, type Tree } from './tree.js';

type Issue = z.core.$ZodIssue;

/**
 * Every issue of a zod parse as a fault in the words of the file: what was found, what is allowed, and the nearest
 * valid key or value.
 * @param prefix where in `tree` the parsed value stands.
 */
export function faultsOf(error: z.ZodError, tree: Tree, schema: z.ZodType, prefix: Path = []): Fault[] {
  const reader = new IssueReader(tree, schema, prefix);
  return error.issues.flatMap((issue) => reader.read(issue, []));
}

class IssueReader {
  constructor(
    private readonly tree: Tree,
    private readonly schema: z.ZodType,
    private readonly prefix: Path,
  ) {}

  /** `base` is the path of the union or record that the issue was nested in. */
  read(issue: Issue, base: Path): Fault[] {
    const inner = [...base, ...issue.path.filter((key) => typeof key !== 'symbol')];
    const path = [...this.prefix, ...inner];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => this.unknownKey(key, inner));
      case 'invalid_union':
        return this.union(issue, inner);
      case 'invalid_key': {
        const message = issue.issues[0]?.message ?? 'is no valid key';
        return [
          { path: path.slice(0, -1), key: String(path.at(-1)), message, found: quote(String(path.at(-1))) },
        ];
      }
      case 'invalid_value':
        return [this.wrongValue(issue.values.map(String), path)];
      default:
        return [this.plain(issue, path)];
    }
  }

  private unknownKey(key: string, inner: Path): Fault {
    const allowed = allowedKeys(this.schema, inner);
    const meant = nearest(key, allowed);
    const elsewhere = meant === undefined ? placesOf(this.schema, key) : [];
    return {
      path: [...this.prefix, ...inner],
      key,
      message: 'unknown key',
      allowed,
      ...(meant !== undefined && { nearest: meant }),
      ...(elsewhere.length > 0 && { fix: `${key} belongs at ${elsewhere.slice(0, 3).join(', ')}` }),
    };
  }

  /** Of the forms that a value may take, the one that was meant: its type fits, and the fewest issues remain. */
  private union(issue: z.core.$ZodIssueInvalidUnion, inner: Path): Fault[] {
    const path = [...this.prefix, ...inner];
    const forms = issue.errors.filter((issues) => !issues.some(isWrongForm));
    const meant = [...forms].sort((a, b) => weight(a) - weight(b))[0];
    if (meant !== undefined && (isDefaultText(issue.message) || meant.some(isInside))) {
      return meant.flatMap((nested) => this.read(nested, inner));
    }
    const types = issue.errors.flatMap((issues) =>
      issues.filter(isWrongType).map((nested) => typeName(nested.expected)),
    );
    const message = isDefaultText(issue.message)
      ? `must be ${[...new Set(types)].join(' or ')}`
      : issue.message;
    return [{ path, ...this.missingOr(path, message) }];
  }

  private wrongValue(allowed: readonly string[], path: Path): Fault {
    const found = this.found(path);
    const meant = typeof found === 'string' ? nearest(found, allowed) : undefined;
    return {
      path,
      ...this.missingOr(path, 'is not one of the allowed values'),
      allowed,
      ...(meant !== undefined && { nearest: meant }),
    };
  }

  private plain(issue: Issue, path: Path): Fault {
    return { path, ...this.missingOr(path, isDefaultText(issue.message) ? describe(issue) : issue.message) };
  }

  private missingOr(path: Path, message: string): { message: string; found?: string } {
    const found = this.found(path);
    if (found === undefined) return { message: `is missing; it ${message}` };
    return { message, found: typeof found === 'string' ? quote(found) : shorten(JSON.stringify(found)) };
  }

  private found(path: Path): unknown {
    const { tree, exact } = nearestAt(this.tree, path);
    return exact ? toPlain(tree) : undefined;
  }
}

/** The value is of another form altogether, so what is wrong inside this one says nothing. */
function isWrongForm(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function isInside(issue: Issue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys';
}

function isWrongType(issue: Issue): issue is z.core.$ZodIssueInvalidType {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

/** Unknown keys weigh more than wrong values: they tell that another form was meant. */
function weight(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1),
    0,
  );
}

/** zod's own sentences, as opposed to those that the schema gives. */
function isDefaultText(message: string): boolean {
  return /^(Invalid|Too (small|big)|Unrecognized)/.test(message);
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeName(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? 'must not be empty'
        : `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''}`;
    default:
      return 'is not valid';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function typeName(expected: string): string {
  return typeNames[expected] ?? expected;
}

function quote(text: string): string {
  return JSON.stringify(shorten(text));
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
