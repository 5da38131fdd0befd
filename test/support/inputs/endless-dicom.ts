import type { DicomElement } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { encodePart10 } from '../../../src/codec/dicom/write/part10.ts';
import { encapsulate } from '../../../src/codec/dicom/write/write.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { dicomFixture, readFixture } from './dicom-fixtures.ts';
import { endlessHtj2k } from './endless-htj2k.ts';

const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.7';

/**
 * A DICOM file of 480 pixels on which the decoder of dcmjs-codecs never ends.
 * @param number - gives the file UIDs, and so a hash, of its own
 */
export function endlessDicom(number = 1): Uint8Array {
  const { dataSet, transferSyntax } = readDicom(
    readFixture(dicomFixture('htj2k-201-i16')),
    'good',
    defaultLimits,
  );
  const sopInstance = `2.25.${number}`;
  const replaced: readonly DicomElement[] = [
    { tag: '00080016', vr: 'UI', value: [SOP_CLASS] },
    { tag: '00080018', vr: 'UI', value: [sopInstance] },
    { tag: '0020000d', vr: 'UI', value: [`${sopInstance}.1`] },
    { tag: '0020000e', vr: 'UI', value: [`${sopInstance}.2`] },
    { tag: '00280010', vr: 'US', value: [12] },
    { tag: '00280011', vr: 'US', value: [40] },
    { tag: '7fe00010', vr: 'OB', value: encapsulate([endlessHtj2k]) },
  ];
  const tags = new Set(replaced.map(({ tag }) => tag));
  const kept = dataSet.filter(({ tag }) => !tag.startsWith('0002') && !tags.has(tag));
  return encodePart10(
    [...kept, ...replaced].toSorted((a, b) => (a.tag < b.tag ? -1 : 1)),
    {
      sopClass: SOP_CLASS,
      sopInstance,
      implementationClass: '2.25.2',
      implementationVersion: 'TEST',
      transferSyntax,
    },
  );
}
