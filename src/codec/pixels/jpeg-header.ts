import { NiiError } from '../../core/errors.ts';
import { ByteReader } from '../bytes.ts';
import type { FrameShape } from './frame.ts';

/** The frame header of a JPEG or JPEG-LS stream (ITU-T T.81 B.2.2, T.87 C.2.2). */
export interface JpegHeader {
  /** Second byte of the SOF marker: 0xC3 lossless Huffman, 0xF7 JPEG-LS. */
  readonly process: number;
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
}

const markerCeiling = 1000;

/** @throws NII_MALFORMED without a frame header, NII_TRUNCATED when the stream ends before it */
export function readJpegHeader(stream: Uint8Array, name: string): JpegHeader {
  const reader = new ByteReader(stream, name);
  if (reader.u16be() !== 0xffd8) throw reader.malformed('a frame does not begin with a JPEG marker', 0);
  for (let markers = 0; markers < markerCeiling; markers += 1) {
    const marker = nextMarker(reader);
    const length = reader.u16be();
    if (isFrameHeader(marker)) return frameHeader(reader, marker);
    if (marker === 0xda || length < 2) break;
    reader.skip(length - 2);
  }
  throw reader.malformed('the JPEG stream has no frame header');
}

function nextMarker(reader: ByteReader): number {
  if (reader.u8() !== 0xff) throw reader.malformed('a JPEG marker was expected');
  let marker = reader.u8();
  while (marker === 0xff) marker = reader.u8();
  return marker;
}

/** SOF0 to SOF15 but DHT, JPG and DAC; and JPEG-LS. */
function isFrameHeader(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
}

function frameHeader(reader: ByteReader, process: number): JpegHeader {
  const precision = reader.u8();
  const rows = reader.u16be();
  const columns = reader.u16be();
  return { process, precision, rows, columns, components: reader.u8() };
}

/**
 * Checks a stream against the header around it before it is decoded: a decoder would fill what is missing.
 * @throws NII_MALFORMED on a contradiction, NII_TRUNCATED without the end-of-image marker
 */
export function checkJpeg(stream: Uint8Array, shape: FrameShape, name: string): JpegHeader {
  const header = readJpegHeader(stream, name);
  const agrees =
    header.rows === shape.rows &&
    header.columns === shape.columns &&
    header.components === shape.samplesPerPixel &&
    header.precision <= shape.bitsAllocated;
  if (!agrees) {
    const says = `${header.rows} x ${header.columns} x ${header.components} of ${header.precision} bits`;
    const around = `${shape.rows} x ${shape.columns} x ${shape.samplesPerPixel} of ${shape.bitsAllocated}`;
    const detail = `${name}: the compressed frame is ${says}, but the header says ${around}`;
    throw new NiiError('NII_MALFORMED', { detail, field: name });
  }
  requireEnd(stream, name);
  return header;
}

/**
 * Where the end marker of a JPEG, JPEG-LS or JPEG 2000 stream lies; undefined without it. Streams are padded to even
 * length behind it: with zeros, or one byte of the writer's choice.
 */
export function endMarkerOf(stream: Uint8Array): number | undefined {
  let end = stream.length;
  while (end > 1 && stream[end - 1] === 0) end -= 1;
  const endsAt = (at: number) => stream[at - 2] === 0xff && stream[at - 1] === 0xd9;
  const after = [end, end - 1].find(endsAt);
  return after === undefined ? undefined : after - 2;
}

/** @throws NII_TRUNCATED without the end marker */
export function requireEnd(stream: Uint8Array, name: string): void {
  if (endMarkerOf(stream) !== undefined) return;
  const detail = `${name}: a compressed frame ends without its end marker`;
  throw new NiiError('NII_TRUNCATED', { detail, offset: stream.length, field: name });
}
