import { stringify } from 'yaml';

/** A conda file as azure-ai-ml sends it: PyYAML's `dump` with sorted keys, lists not indented. */
export function condaText(value: unknown): string {
  return stringify(value, {
    version: '1.1',
    sortMapEntries: true,
    indentSeq: false,
    singleQuote: true,
    lineWidth: 80,
    minContentWidth: 0,
    aliasDuplicateObjects: false,
  });
}
