import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { writtenOf } from '../codec/dicom/nii-block.ts';
import { toChannelPlane } from '../codec/dicom/pixels/plane.ts';
import { readDicom } from '../codec/dicom/read/read.ts';
import { openPlaneFile, readFully, writeFully } from '../codec/plane-file.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { type Lines, maskedSample } from '../core/scan/cab.ts';
import { piecesOf } from '../core/scan/plane-source.ts';
import { type Channel, planeBytes } from '../core/scan/scan.ts';
import { channelOfSection, rowsOfSection, type Section } from '../core/scan/sections.ts';
import { sha256Hex } from './identity.ts';

/**
 * The samples of a channel, read back from the DICOS instance that holds them, and compared with the hash that was
 * taken from the converter's own output: what is shown and analysed is what the scanner measured, bit for bit.
 * @throws NII_CORRUPT when they differ
 */
export async function decodePlane(
  bytes: Uint8Array,
  channel: Channel,
  name: string,
  limits: Limits,
): Promise<Uint8Array> {
  const samples = await samplesIn(bytes, channel, name, limits);
  if (channel.sha256 !== undefined && sha256Hex(samples) !== channel.sha256) throw corrupt(name);
  return samples;
}

/** The samples of a stored instance in the order of the record. */
export async function samplesIn(
  bytes: Uint8Array,
  channel: Channel,
  name: string,
  limits: Limits,
): Promise<Uint8Array> {
  const file = readDicom(bytes, name, limits);
  return toChannelPlane(channel, await file.pixels(), writtenOf(file.dataSet));
}

export interface SectionToPlace {
  /** The DX instance. */
  readonly bytes: Uint8Array;
  /** The whole of which it holds a section. */
  readonly channel: Channel;
  readonly section: Section;
  /** For failures. */
  readonly name: string;
  readonly limits: Limits;
  /** File of the whole plane; there already, empty at first. */
  readonly path: string;
}

/** Decodes one section and writes its samples to their places in the file of the whole plane. @throws NII_CORRUPT */
export async function placeSection(task: SectionToPlace): Promise<void> {
  const { channel, section, name } = task;
  const held = channelOfSection(channel, section);
  const samples = await samplesIn(task.bytes, held, name, task.limits);
  if (samples.length !== planeBytes(held)) throw corrupt(name);
  const file = openSync(task.path, 'r+');
  try {
    for (const { at, bytes } of rowsOfSection(samples, channel, section)) writeFully(file, bytes, at);
  } finally {
    closeSync(file);
  }
}

/** Gives the samples of these lines one value, in the file of a whole plane. */
export function maskPlaneFile(path: string, channel: Channel, masked: readonly Lines[]): void {
  if (masked.length === 0) return;
  const file = openSync(path, 'r+');
  try {
    for (const lines of masked) {
      if (channel.bitsAllocated === 1) clearBits(file, channel, lines);
      else {
        const section = { ...lines, number: 1, of: 1 };
        const flat = flatSamples(channel, channelOfSection(channel, section).bytes);
        for (const { at, bytes } of rowsOfSection(flat, channel, section)) writeFully(file, bytes, at);
      }
    }
  } finally {
    closeSync(file);
  }
}

function flatSamples(channel: Channel, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const width = channel.bitsAllocated / 8;
  let value = maskedSample(channel);
  for (let byte = 0; byte < width && value > 0; byte += 1, value = Math.floor(value / 256))
    for (let at = byte; at < length; at += width) bytes[at] = value % 256;
  return bytes;
}

/** Bits of all rows and frames follow one another, the first in the lowest bit of a byte. */
function clearBits(file: number, { rows, columns, frames, bytes: length }: Channel, lines: Lines): void {
  const bytes = readFully(file, 0, length);
  for (let i = 0; i < rows * columns * frames; i += 1) {
    const line = lines.axis === 'columns' ? i % columns : Math.floor(i / columns) % rows;
    if (line < lines.from || line >= lines.to) continue;
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) & ~(1 << (i & 7));
  }
  writeFully(file, bytes, 0);
}

/** Compares the file of a plane with the hash of the converter's output. @throws NII_CORRUPT when they differ */
export function verifyPlaneFile(path: string, channel: Channel, name: string): void {
  const plane = openPlaneFile(path);
  try {
    const hash = createHash('sha256');
    for (const piece of piecesOf(plane)) hash.update(piece);
    if (channel.sha256 !== undefined && hash.digest('hex') !== channel.sha256) throw corrupt(name);
  } finally {
    plane.close();
  }
}

function corrupt(name: string): NiiError {
  const detail = 'The stored samples have changed since they were converted';
  return new NiiError('NII_CORRUPT', { detail, field: name });
}
