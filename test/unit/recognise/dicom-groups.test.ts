import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DataSet } from '../../../src/codec/dicom/data-set.ts';
import { binary, numbers, sequence, text } from '../../../src/codec/dicom/write/build.ts';
import { encodeDataSet } from '../../../src/codec/dicom/write/write.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { sortIntoScans } from '../../../src/recognise/index-files.ts';
import { installed, type NamedBytes, stage, temporaryFolder } from '../../support/staging.ts';

const deflated = '1.2.840.10008.1.2.1.99';
const plain = '1.2.840.10008.1.2.1';
const rows = 512;

interface Wanted {
  readonly study?: string;
  readonly instance: string;
  readonly syntax?: string;
  readonly before?: DataSet;
}

function dicomFile({ study, instance, syntax = plain, before = [] }: Wanted): Uint8Array {
  const image = [
    text('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.7'),
    text('00080018', 'UI', instance),
    ...before,
    ...(study === undefined ? [] : [text('0020000d', 'UI', study)]),
    numbers('00280010', 'US', rows),
    numbers('00280011', 'US', rows),
    numbers('00280100', 'US', 16),
    binary('7fe00010', 'OW', new Uint8Array(rows * rows * 2)),
  ];
  const data = encodeDataSet(image);
  const meta = encodeDataSet([text('00020010', 'UI', syntax)]);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    meta,
    syntax === deflated ? deflateRawSync(data) : data,
  ]);
}

async function keysOf(...files: readonly NamedBytes[]): Promise<readonly string[]> {
  const staged = stage(temporaryFolder(), files);
  const { groups } = await sortIntoScans(staged, installed, defaultLimits);
  return groups.map(({ groupKey }) => groupKey);
}

describe('the scan UID of a DICOM file', () => {
  const far = sequence(
    '00081140',
    ...Array.from({ length: 400 }, (_, i) => [text('00081155', 'UI', `1.2.826.0.1.${1000 + i}`)]),
  );

  it('is found behind a long sequence', async () => {
    const bytes = dicomFile({ study: '1.2.826.5', instance: '1.2.826.5.1', before: [far] });
    expect(await keysOf({ name: 'IM000001', bytes })).toEqual(['1.2.826.5']);
  });

  it('is found where the first bytes of a deflated file hold the whole of a blank image', async () => {
    const bytes = dicomFile({ study: '1.2.826.5', instance: '1.2.826.5.1', syntax: deflated });
    expect(bytes.length).toBeLessThan(4096);
    expect(await keysOf({ name: 'IM000001', bytes })).toEqual(['1.2.826.5']);
  });

  it('is missing: files of one name are two scans, and no later file finds them by it', async () => {
    const [a, b] = ['1.2.826.6', '1.2.826.7'].map((instance) => ({
      name: 'IM000001',
      bytes: dicomFile({ instance }),
    }));
    const [ofA, ofB] = [await keysOf(a!), await keysOf(b!)];
    expect(ofA).toEqual(await keysOf(a!));
    expect(ofA).not.toEqual(ofB);
    const folders = await keysOf({ ...a!, name: 'x/IM000001' }, { ...b!, name: 'y/IM000001' });
    expect(new Set(folders)).toEqual(new Set([...ofA, ...ofB]));
  });
});
