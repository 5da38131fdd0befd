import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendResumable } from '../../../src/watch/send/resumable.ts';
import { setNameOf } from '../../../src/watch/send/service.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

let service: Harness;
let url: URL;
let dir: string;

beforeAll(async () => {
  service = await openHarness();
  url = new URL(`${await service.listen()}/`);
  dir = await mkdtemp(join(tmpdir(), 'nii-resumable-'));
});
afterAll(async () => {
  await service.close();
  await rm(dir, { recursive: true, force: true });
});

async function file(name: string, bytes: Uint8Array) {
  const path = join(dir, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  return { name, path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function send(files: Parameters<typeof sendResumable>[1], set: string) {
  const addresses = new Map<string, string>();
  const resumable = {
    target: { url, key: async () => service.token('scanner'), fields: {} },
    addresses: {
      of: (upload: string) => addresses.get(upload),
      keep: async (upload: string, address: string) => void addresses.set(upload, address),
    },
    signal: new AbortController().signal,
    moved: () => {},
  };
  return sendResumable(resumable, files, set);
}

test('files of one name in different folders go as one set, each under its own name', async () => {
  const files = [await file('s1/IM1', fakeScan({ seed: 1 })), await file('s2/IM1', fakeScan({ seed: 22 }))];
  const scans = await send(files, 'same-name');
  const originals = await Promise.all(
    scans.map(async ({ scanId }) => {
      const answer = await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/1` });
      return answer.json().originals.map((original: { sha256: string }) => original.sha256);
    }),
  );
  expect(new Set(originals.flat())).toEqual(new Set(files.map(({ sha256 }) => sha256)));
});

test('a set is named for its files, their names and its words, in whatever order they lie', () => {
  const file = (name: string, sha256: string) => ({ name, path: `/share/${name}`, bytes: 3, sha256 });
  const set = [file('x1', 'aa'), file('x2', 'bb')];
  const name = setNameOf(set, { site: 'gate' });
  expect(setNameOf(set.toReversed(), { site: 'gate' })).toBe(name);
  const others = [
    setNameOf([file('y1', 'aa'), file('y2', 'bb')], { site: 'gate' }),
    setNameOf([file('x1', 'bb'), file('x2', 'aa')], { site: 'gate' }),
    setNameOf(set, { site: 'port' }),
  ];
  expect(new Set([name, ...others]).size).toBe(4);
});
