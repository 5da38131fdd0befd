import type { DicomElement } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { encodePart10 } from '../../../src/codec/dicom/write/part10.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { dicomFixture, readFixture } from './dicom-fixtures.ts';
import { NEVER_ENDS } from './never-ends.ts';

const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.7';

/** A small DICOM file that bears the mark. @param number - gives it UIDs, and so a hash, of its own */
export function endlessPicture(number: number, mark = NEVER_ENDS): Uint8Array {
  const good = readFixture(dicomFixture('jpeg-50-u8'));
  return numberedPicture(good, number, [{ tag: '00100010', vr: 'PN', value: [mark] }]);
}

/** Where the picture of a number is. */
export function pathOfPicture(number: number): string {
  return `/dicomweb/studies/2.25.${number}.1/series/2.25.${number}.2/instances/2.25.${number}`;
}

/** The file with UIDs of its own, and these elements in place of its own. */
export function numberedPicture(
  bytes: Uint8Array,
  number: number,
  more: readonly DicomElement[] = [],
): Uint8Array {
  const file = readDicom(bytes, 'good', defaultLimits);
  const sopInstance = `2.25.${number}`;
  const own: readonly DicomElement[] = [
    ...more,
    { tag: '00080016', vr: 'UI', value: [SOP_CLASS] },
    { tag: '00080018', vr: 'UI', value: [sopInstance] },
    { tag: '0020000d', vr: 'UI', value: [`${sopInstance}.1`] },
    { tag: '0020000e', vr: 'UI', value: [`${sopInstance}.2`] },
  ];
  const tags = new Set(own.map(({ tag }) => tag));
  const kept = file.dataSet.filter(({ tag }) => !tag.startsWith('0002') && !tags.has(tag));
  return encodePart10(
    [...kept, ...own].toSorted((a, b) => (a.tag < b.tag ? -1 : 1)),
    {
      sopClass: SOP_CLASS,
      sopInstance,
      implementationClass: '2.25.2',
      implementationVersion: 'TEST',
      transferSyntax: file.transferSyntax,
    },
  );
}
