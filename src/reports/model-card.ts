import type { SignatureChange } from '../domain/contract.js';
import { capped, inCode, markdownTable, plain } from '../domain/markdown.js';
import type { Lineage } from '../domain/model.js';
import { type PackageFacts, packageText } from '../domain/model-package.js';
import { type Field, type Signature, typeText } from '../domain/signature.js';
import { compareText, formatNumber } from '../domain/text.js';

export interface ModelCardInput {
  readonly name: string;
  readonly version: string;
  readonly lineage: Lineage;
  /** What the gate said. */
  readonly summary: string;
  /** SHA-256 of the model's files. */
  readonly hash: string;
  readonly signature: Signature;
  readonly package?: PackageFacts;
  readonly contract?: SignatureChange;
}

const shownFields = 200;

/** What a registered model version is, for who meets it later: one page of Markdown. */
export function modelCard(input: ModelCardInput): string {
  const { name, version, lineage, summary, hash, signature, contract } = input;
  const { metrics, data } = lineage;
  const breaks = contract?.breaks ?? [];
  return `${[
    `# ${plain(`${name}:${version}`)}`,
    '',
    plain(summary, 2_000),
    '',
    ...facts([
      ['project', plain(lineage.project)],
      ['repository', plain(lineage.repository)],
      ['commit', inCode(lineage.commit)],
      ['candidate', plain(lineage.candidate)],
      ['job', inCode(lineage.job)],
      ['code', inCode(`sha256 ${lineage.codeHash}`)],
      ['files', inCode(`sha256 ${hash}`)],
      ['package', input.package === undefined ? 'was not checked' : plain(packageText(input.package))],
    ]),
    '## Metrics',
    '',
    ...facts(sorted(metrics).map(([metric, value]) => [plain(metric), formatNumber(value)])),
    '## Data',
    '',
    ...facts(sorted(data).map(([key, value]) => [plain(key), inCode(value)])),
    ...fieldsText('Inputs', signature.inputs),
    ...fieldsText('Outputs', signature.outputs),
    ...fieldsText('Parameters', signature.params),
    ...(breaks.length === 0
      ? []
      : ['## Breaks callers of the model before it', '', ...breaks.map((text) => `- ${plain(text)}`), '']),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function sorted<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([a], [b]) => compareText(a, b));
}

function facts(rows: readonly (readonly [string, string])[]): string[] {
  return rows.length === 0 ? ['none', ''] : [...markdownTable(['', ''], rows), ''];
}

function fieldsText(title: string, fields: readonly Field[] | undefined): string[] {
  if (fields === undefined || fields.length === 0) return [];
  const lines = capped(fields, shownFields, ({ name = '(unnamed)', type, required }) => {
    const optional = required ? '' : ', optional';
    return `- ${inCode(name)}: ${plain(typeText(type))}${optional}`;
  });
  return [`## ${title}`, '', ...lines, ''];
}
