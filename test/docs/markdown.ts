import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A page of the documentation, `file` relative to the checkout. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

const folders = [
  '.',
  'docs',
  'emulator',
  'examples/batch',
  'examples/diabetes',
  'examples/flowers',
  'examples/registry',
  'examples/two-projects',
];

export const pages: readonly Page[] = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => page(join(folder, name))),
);

export function page(file: string): Page {
  return { file, text: readFileSync(join(root, file), 'utf8') };
}

/** Targets of links that stay in the checkout. */
export function links({ file, text }: Page): { target: string; anchor: string | undefined }[] {
  const found = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  return found
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : relative(root, resolve(join(root, dirname(file)), decodeURI(path)));
      return { target, anchor };
    });
}

/** Anchors as GitHub makes them from headings. */
export function anchors({ text }: Page): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Code blocks of one language. */
export function blocks({ text }: Page, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , body]) => body ?? '');
}

/** What stands between backticks within a line. */
export function inlineCode({ text }: Page): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');
}

/** Every line of code: of blocks of shell, and between backticks. */
export function commandLines(one: Page): string[] {
  return [...blocks(one, 'sh').flatMap((block) => block.split('\n')), ...inlineCode(one)];
}

function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}
