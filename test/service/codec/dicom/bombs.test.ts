import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePart10, type Part10 } from '../../../../src/codec/dicom/write/part10.ts';
import { bundleOfTest } from '../../../support/bundle-of-test.ts';

/** The attack had 241 MB of 120 million values in 1.5 MB; a quarter of that shows the same. */
const MiB = 2 ** 20;
const INFLATED = 60 * MiB;
/** Of a whole process of Node.js with the reader in it, before it reads anything, and what it may grow by. */
const GROWTH_MIB = 250;
/** Of the processor. */
const SECONDS = 20;

const about: Part10 = {
  sopClass: '1.2.840.10008.5.1.4.1.1.501.2.2',
  sopInstance: '2.25.1',
  transferSyntax: '1.2.840.10008.1.2.1.99',
  implementationClass: '2.25.2',
  implementationVersion: 'TEST',
};

function long(tag: readonly number[], vr: string, value: Uint8Array): Buffer {
  const head = Buffer.from([...tag, vr.charCodeAt(0), vr.charCodeAt(1), 0, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(value.length, 8);
  return Buffer.concat([head, value]);
}

/** Bytes that do not deflate, so that the whole stays within the ratio. */
const noise = () => long([0x09, 0x00, 0x01, 0x10], 'OB', randomBytes(512 * 1024));
const repeated = (part: Buffer) => Buffer.alloc(INFLATED, part);
const items = () =>
  long([0x09, 0x00, 0x02, 0x10], 'SQ', repeated(Buffer.from([0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0])));

const bombs: readonly (readonly [string, () => Buffer])[] = [
  ['texts', () => long([0x09, 0x00, 0x02, 0x10], 'UC', repeated(Buffer.from('1\\')))],
  ['numbers', () => long([0x09, 0x00, 0x02, 0x10], 'UV', repeated(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])))],
  ['items', items],
  ['elements', () => repeated(Buffer.from([0x09, 0x00, 0x02, 0x10, 0x55, 0x53, 0, 0]))],
  ['zeros before the end', () => Buffer.concat([repeated(Buffer.alloc(8)), Buffer.from([1, 0, 0, 0])])],
];

let reader: string;

/** What a fresh process says of the file, and how many MiB it grew by at most. */
function read(path: string, how: string) {
  const out = execFileSync(process.execPath, [reader, path, how], { encoding: 'utf8', timeout: 120_000 });
  return JSON.parse(out) as { readonly code: string; readonly grown: number; readonly ms: number };
}

describe(`a deflated file that inflates to ${INFLATED / MiB} MiB of`, () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nii-bombs-'));
    reader = await bundleOfTest('test/service/codec/dicom/read-measured.ts');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test.each(bombs)('%s is rejected by code, in bounded memory and time', (what, make) => {
    const path = join(dir, `${what}.dcm`);
    const packed = deflateRawSync(Buffer.concat([noise(), make()]));
    writeFileSync(path, Buffer.concat([encodePart10([], about), packed]));
    for (const [how, expected] of [
      ['readDicom', 'NII_LIMIT_ELEMENTS'],
      ['dicomHeadOf', 'NII_LIMIT_EXPANSION'],
    ] as const) {
      const { code, grown, ms } = read(path, how);
      console.log(`${what}, ${how}: ${code}, grew by ${grown} MiB in ${ms} ms`);
      expect(code).toBe(expected);
      expect(grown).toBeLessThan(GROWTH_MIB);
      expect(ms).toBeLessThan(SECONDS * 1000);
    }
  });
});
