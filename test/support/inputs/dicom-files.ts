import type { DataSet } from '../../../src/codec/dicom/data-set.ts';
import { binary, numbers, sequence, text } from '../../../src/codec/dicom/write/build.ts';
import { encodePart10 } from '../../../src/codec/dicom/write/part10.ts';

/** Small DICOM files of ours: images of 4 x 4 samples, and Threat Detection Reports on them. */

const IMAGE_CLASS = '1.2.840.10008.5.1.4.1.1.501.2.2';
const REPORT_CLASS = '1.2.840.10008.5.1.4.1.1.501.3';
const SIDE = 4;

interface Names {
  /** UIDs: of the scan and of the file. */
  readonly study: string;
  readonly instance: string;
}

export interface ImageOrder extends Names {
  /** Value of every sample. */
  readonly value?: number;
  /** One where not stated. */
  readonly frames?: number;
  /** Further elements, in any order. */
  readonly more?: DataSet;
}

export function imageFile({ study, instance, value = 1000, frames = 1, more = [] }: ImageOrder): Uint8Array {
  const image = [
    numbers('00280002', 'US', 1),
    text('00280004', 'CS', 'MONOCHROME2'),
    ...(frames === 1 ? [] : [text('00280008', 'IS', String(frames))]),
    numbers('00280010', 'US', SIDE),
    numbers('00280011', 'US', SIDE),
    numbers('00280100', 'US', 16),
    numbers('00280101', 'US', 16),
    numbers('00280102', 'US', 15),
    numbers('00280103', 'US', 0),
    binary('7fe00010', 'OW', new Uint8Array(new Uint16Array(SIDE * SIDE * frames).fill(value).buffer)),
  ];
  return fileOf(IMAGE_CLASS, { study, instance }, 'DX', [...image, ...more]);
}

/** A machine's alarm on images that lie in scans of other UIDs. */
export function reportFile({ study, instance, on }: Names & { readonly on: readonly string[] }): Uint8Array {
  const named = on.map((image) => [text('00081150', 'UI', IMAGE_CLASS), text('00081155', 'UI', image)]);
  const report = [
    sequence('00081110', ...named),
    text('40101027', 'CS', 'MACHINE'),
    text('40101029', 'LO', 'Example 1.0'),
    text('4010102b', 'DT', '20260501080000'),
    text('40101031', 'CS', 'ALARM'),
  ];
  return fileOf(REPORT_CLASS, { study, instance }, 'TDR', report);
}

function fileOf(sopClass: string, { study, instance }: Names, modality: string, more: DataSet): Uint8Array {
  const elements = [
    text('00080016', 'UI', sopClass),
    text('00080018', 'UI', instance),
    text('00080060', 'CS', modality),
    text('0020000d', 'UI', study),
    text('0020000e', 'UI', `${study}.9`),
    ...more,
  ];
  const about = {
    sopClass,
    sopInstance: instance,
    transferSyntax: '1.2.840.10008.1.2.1',
    implementationClass: '1.2.3',
    implementationVersion: 'TEST',
  };
  const inOrder = elements.toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
  return encodePart10(inOrder, about);
}
