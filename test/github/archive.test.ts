import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultLimits, unpack, type ArchiveLimits } from '../../src/github/archive.js';

interface Entry {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice';
  readonly linkpath?: string;
  readonly contents?: string | Buffer;
  readonly mode?: number;
}

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'mlops-archive-'));
  folder = await mkdtemp(join(parent, 'in-'));
});
afterEach(() => rm(parent, { recursive: true }));

/** Written block by block: a library would refuse to make these. */
function archive(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, type = 'File', linkpath = '', contents = '', mode = 0o644 }) => {
    const body = Buffer.from(contents);
    const header = Buffer.alloc(512);
    new Header({
      path,
      type,
      linkpath,
      mode,
      size: body.byteLength,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
    }).encode(header, 0);
    return [header, body, Buffer.alloc((512 - (body.byteLength % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const open = (entries: readonly Entry[], limits: Partial<ArchiveLimits> = {}): Promise<void> =>
  unpack(Readable.from([archive(entries)]), folder, { ...defaultLimits, ...limits });

test('files, folders, modes and inner links come out without the top folder', async () => {
  await open([
    { path: 'top/', type: 'Directory', mode: 0o777 },
    { path: 'top/run.sh', contents: 'echo', mode: 0o4777 },
    { path: 'top/code/train.py', contents: 'x = 1' },
    { path: 'top/code/link', type: 'SymbolicLink', linkpath: '../run.sh' },
    { path: 'top/code/second', type: 'SymbolicLink', linkpath: 'link' },
    { path: 'top/dangling', type: 'SymbolicLink', linkpath: 'not-there' },
  ]);
  expect((await readdir(folder)).sort()).toEqual(['code', 'run.sh']);
  expect(await readFile(join(folder, 'code/train.py'), 'utf8')).toBe('x = 1');
  expect(await readlink(join(folder, 'code/link'))).toBe('../run.sh');
  expect(await readFile(join(folder, 'code/second'), 'utf8')).toBe('echo');
  expect((await stat(join(folder, 'run.sh'))).mode & 0o7777).toBe(0o755);
});

const attacks: readonly [string, readonly Entry[], RegExp][] = [
  ['an absolute path', [{ path: '/tmp/evil', contents: 'x' }], /absolute path/],
  ['a path that climbs', [{ path: 'top/../../evil', contents: 'x' }], /leads out/],
  ['a link out', [{ path: 'top/out', type: 'SymbolicLink', linkpath: '../../evil' }], /link .* leads out/],
  [
    'an absolute link',
    [{ path: 'top/out', type: 'SymbolicLink', linkpath: '/etc/passwd' }],
    /link .* leads out/,
  ],
  [
    'a file under a link',
    [
      { path: 'top/out', type: 'SymbolicLink', linkpath: '.' },
      { path: 'top/out/evil', contents: 'x' },
    ],
    /stands where something else does/,
  ],
  [
    'a link under a link',
    [
      { path: 'top/out', type: 'SymbolicLink', linkpath: '.' },
      { path: 'top/out/evil', type: 'SymbolicLink', linkpath: 'x' },
    ],
    /would lie under the link out/,
  ],
  [
    'a chain of links that is harmless link by link',
    [
      { path: 'top/a/b/l', type: 'SymbolicLink', linkpath: '../..' },
      { path: 'top/m', type: 'SymbolicLink', linkpath: 'a/b/l/..' },
    ],
    /leads out/,
  ],
  [
    'links in a circle',
    [
      { path: 'top/a', type: 'SymbolicLink', linkpath: 'b' },
      { path: 'top/b', type: 'SymbolicLink', linkpath: 'a' },
    ],
    /cannot be followed/,
  ],
  ['a hard link', [{ path: 'top/hard', type: 'Link', linkpath: '/etc/passwd' }], /is a Link/],
  ['a device', [{ path: 'top/dev', type: 'CharacterDevice' }], /is a CharacterDevice/],
];

test.each(attacks)('%s is refused and nothing is written outside', async (_name, entries, reason) => {
  await expect(open(entries)).rejects.toMatchObject({
    code: 'UnsafeArchive',
    message: expect.stringMatching(reason) as string,
  });
  expect(await readdir(parent)).toHaveLength(1);
});

test('bombs are refused: entries, depth, size unpacked, size as sent', async () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ path: `top/${index}`, contents: 'x' }));
  await expect(open(many, { entries: 20 })).rejects.toThrow('more than 20 entries');
  await expect(open([{ path: `top/${'d/'.repeat(20)}f`, contents: 'x' }], { depth: 10 })).rejects.toThrow(
    'deeper than 10',
  );
  const zeros = { path: 'top/zeros', contents: Buffer.alloc(5_000_000) };
  await expect(open([zeros], { unpacked: 1_000_000 })).rejects.toThrow('more than 1000000 bytes unpacked');
  await expect(open([zeros], { compressed: 1_000 })).rejects.toThrow('more than 1000 bytes as sent');
});

test('what is no archive is an error, not an empty folder', async () => {
  await expect(unpack(Readable.from([Buffer.from('<html>')]), folder)).rejects.toThrow(/incorrect header/);
  const whole = archive([{ path: 'top/f', contents: Buffer.alloc(100_000, 'ab') }]);
  await expect(unpack(Readable.from([whole.subarray(0, whole.length / 2)]), folder)).rejects.toThrow(
    /unexpected end/,
  );
});
