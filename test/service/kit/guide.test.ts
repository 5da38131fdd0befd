import { execFile } from 'node:child_process';
import { createPublicKey, verify as verifyBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../../support/running-service.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const guide = readFileSync(join(root, 'docs/how-to/converter-guide.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'nii-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Block {
  readonly info: string;
  readonly text: string;
}

const steps: readonly Block[] = [
  ...guide.slice(0, guide.indexOf('## The package')).matchAll(/^```(.*)\n([\s\S]*?)^```$/gm),
].map(([, info = '', text = '']) => ({ info, text }));

/** `nii` as a person has it in the path. */
function installNii(): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const command = [process.execPath, ...program].map((word) => `"${word}"`).join(' ');
  const script = `#!/bin/sh\nexec ${command} "$@"\n`;
  writeFileSync(join(bin, 'nii'), script);
  chmodSync(join(bin, 'nii'), 0o755);
  return bin;
}

interface Ran {
  readonly code: number;
  readonly out: string;
}

function shell(text: string, bin: string): Promise<Ran> {
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder };
  return new Promise((resolve) => {
    execFile('sh', ['-ec', text], { cwd: folder, env }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      resolve({ code, out: `${stdout}${stderr}` });
    });
  });
}

const said: string[] = [];

/** Does what each block says: writes its file, runs its commands, or finds its text in what was printed last. */
async function follow({ info, text }: Block, bin: string): Promise<void> {
  const file = /file=(\S+)/.exec(info)?.[1];
  if (file !== undefined) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  } else if (info.startsWith('sh')) {
    const { code, out } = await shell(text, bin);
    said.push(out);
    expect({ text, code, out }).toMatchObject({ code: Number(/expect=(\d)/.exec(info)?.[1] ?? 0) });
  } else expect(said.at(-1)).toContain(text);
}

beforeAll(async () => {
  const bin = installNii();
  for (const block of steps) await follow(block, bin);
});

test('every step of the guide does what it says', () => {
  expect(steps.length).toBe(14);
  expect(said[1]).toContain('The package passes the contract.');
  expect(said[2]).toContain('The package passes the contract.');
});

test('the new format is read with its samples, time, container, plate and pitch', () => {
  expect(said[3]).toContain('vx-gate (converter vx-gate 1.0.0)');
  for (const part of ['2031-03-12T03:29:10Z', 'CSQU3054383', 'plate AB 123', 'pitch 4.2 × 4.2 mm']) {
    expect(said[3]).toContain(part);
  }
  const raw = readFileSync(join(folder, 'out/main-high.raw'));
  expect(raw.length).toBe(6 * 8 * 2);
  expect([raw.readUInt16LE(0), raw.readUInt16LE(2), raw.readUInt16LE(16)]).toEqual([60000, 59300, 59900]);
});

test('the format with a reader is shown, and read with its samples added up', () => {
  expect(said[5]).toContain('The package passes the contract.');
  expect(said[5]).toContain('# pass 1');
  expect(said[6]).toContain('The package passes the contract.');
  expect(said[6]).toContain('vx-delta 1.0.0: VX delta scans, as in the guide');
  expect(said[6]).toContain('a reader in code');
  const raw = readFileSync(join(folder, 'delta/main-grey.raw'));
  const samples = Array.from({ length: 48 }, (_, i) => raw.readUInt16LE(i * 2));
  expect(samples).toEqual(Array.from({ length: 48 }, (_, i) => 60000 - 700 * (i % 8) - 100 * i));
});

test('the kit scores it, and the signature of the report holds by another implementation', () => {
  expect(said[4]).toMatch(/converter vx-gate: 100 %.*passed/);
  const [head = '', payload = '', signature = ''] = readFileSync(join(folder, 'report.jws'), 'utf8')
    .trim()
    .split('.');
  const jwk = JSON.parse(readFileSync(join(folder, 'vendor.key.pub'), 'utf8'));
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const holds = (text: string) =>
    verifyBytes(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  expect(holds(`${head}.${payload}`)).toBe(true);
  expect(holds(`${head}.${payload.slice(0, -4)}AAAA`)).toBe(false);
  const report = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  expect(report).toMatchObject({ score: 100, passed: true, subject: { id: 'vx-gate', version: '1.0.0' } });
});
