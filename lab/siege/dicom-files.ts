import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { binary, numbers, text } from '../../src/codec/dicom/write/build.ts';
import { encodePart10 } from '../../src/codec/dicom/write/part10.ts';
import { encodeDataSet } from '../../src/codec/dicom/write/write.ts';

const sopClass = '1.2.840.10008.5.1.4.1.1.501.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const EXPLICIT = '1.2.840.10008.1.2.1';
const MiB = 1024 * 1024;

const about = (sopInstance: string, transferSyntax: string) => ({
  sopClass,
  sopInstance,
  transferSyntax,
  implementationClass: '1.2.3',
  implementationVersion: 'ATTACK',
});

/** Where DICOMweb finds an instance. */
export interface InstancePlace {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

export function placeOf(serial: number): InstancePlace {
  return { study: `1.2.3.4.${serial}`, series: `1.2.3.5.${serial}`, instance: `1.2.3.6.${serial}` };
}

const names = ({ instance }: InstancePlace) => [
  text('00080016', 'UI', sopClass),
  text('00080018', 'UI', instance),
];
const series = ({ study, series: uid }: InstancePlace) => [
  text('0020000d', 'UI', study),
  text('0020000e', 'UI', uid),
];

/** Inflates to this many times itself: below the bound of 200, so that the bounds behind that one are met, too. */
const TIMES = 160;

/** A small file whose one element has as many values as it has bytes, once it is inflated (PS3.5 A.5). */
export function deflatedBomb(serial: number, inflatedMiB: number): Uint8Array {
  const place = placeOf(serial);
  const values = '\\'.repeat(inflatedMiB * MiB);
  const long = [{ tag: '00100010', vr: 'UC' as const, value: [values] }];
  const meta = encodePart10([], about(place.instance, DEFLATED));
  const noise = [
    text('00090010', 'LO', 'ATTACK'),
    binary('00091001', 'OB', randomBytes(2 * Math.round((inflatedMiB * MiB) / TIMES / 2))),
  ];
  const dataSet = encodeDataSet([...names(place), ...noise, ...long, ...series(place)]);
  return Buffer.concat([meta, deflateRawSync(dataSet)]);
}

/** An instance with a square of 16-bit samples. */
export function largePicture(serial: number, side: number): Uint8Array {
  const place = placeOf(serial);
  const pixels = new Uint16Array(side * side).map((_, i) => (i * 7919) % 65_536);
  const image = [
    ...names(place),
    text('00080060', 'CS', 'DX'),
    ...series(place),
    numbers('00280002', 'US', 1),
    text('00280004', 'CS', 'MONOCHROME2'),
    numbers('00280010', 'US', side),
    numbers('00280011', 'US', side),
    numbers('00280100', 'US', 16),
    numbers('00280101', 'US', 16),
    numbers('00280102', 'US', 15),
    numbers('00280103', 'US', 0),
    binary('7fe00010', 'OW', new Uint8Array(pixels.buffer)),
  ];
  return encodePart10(image, about(place.instance, EXPLICIT));
}
