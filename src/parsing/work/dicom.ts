import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, isEncapsulated } from '../../codec/dicom/data-set.ts';
import { toDicomJson, turned } from '../../codec/dicom/json-model.ts';
import { framesOf } from '../../codec/dicom/pixels/frames.ts';
import { type DicomPixels, pixelElement } from '../../codec/dicom/pixels/pixels.ts';
import { dicomHeadOf } from '../../codec/dicom/read/head.ts';
import { type DicomFile, readDicom } from '../../codec/dicom/read/read.ts';
import { transcode } from '../../codec/dicom/transcode.ts';
import { explicitLittleEndian } from '../../codec/dicom/uids.ts';
import { writableSyntaxes } from '../../codec/dicom/writable-syntaxes.ts';
import { writePlaneFile } from '../../codec/plane-file.ts';
import type { DicomJson } from '../../core/dicom-json.ts';
import { NiiError } from '../../core/errors.ts';
import { renderFrame } from '../../format/rendered/picture.ts';
import { type DicomParts, type DicomTask, PARTS_FILE } from '../kinds/dicom.ts';

/** A binary value that is longer goes out under an address of its own. */
const INLINE_BYTES = 1024;

interface Made {
  readonly parts: readonly Uint8Array[];
  readonly transferSyntax?: string;
}

/** Does what is asked of the instance and leaves the parts in PARTS_FILE. */
export async function readDicomInstance(task: DicomTask): Promise<DicomParts> {
  const { parts, ...rest } = await madeOf({ ...task, bytes: readFileSync(join(task.desk.input, task.file)) });
  writePlaneFile(join(task.desk.output, PARTS_FILE), parts);
  return { parts: parts.map(({ byteLength }) => byteLength), ...rest };
}

type Loaded = DicomTask & { readonly bytes: Uint8Array };

async function madeOf(task: Loaded): Promise<Made> {
  switch (task.kind) {
    case 'metadata':
      return { parts: [Buffer.from(JSON.stringify(await metadataOf(task)))] };
    case 'transcode':
      return {
        parts: [await transcode(task.bytes, task.target, task.limits, task.name)],
        transferSyntax: task.target,
      };
    case 'frames':
      return framesIn(task);
    case 'render':
      return { parts: [await rendered(task)] };
    case 'bulk':
      return { parts: [bulkValue(task)] };
  }
}

type TaskOf<Kind extends Loaded['kind']> = Extract<Loaded, { readonly kind: Kind }>;

/** Everything but long binary values and the pixels, which are named by address. */
async function metadataOf({ bytes, name, limits, bulkBase }: TaskOf<'metadata'>): Promise<DicomJson> {
  const { dataSet, bigEndian, transferSyntax, pixelTag } = await dicomHeadOf(bytes, name, limits);
  const bulkUri = (tag: string, length: number) =>
    length > INLINE_BYTES ? `${bulkBase}/${tag.toUpperCase()}` : undefined;
  const json = toDicomJson(dataSet, { bigEndian, bulkUri });
  const available = { '00083002': { vr: 'UI', Value: [transferSyntax] } };
  if (pixelTag === undefined) return { ...json, ...available };
  const tag = pixelTag.toUpperCase();
  return { ...json, ...available, [tag]: { vr: 'OW', BulkDataURI: `${bulkBase}/${tag}` } };
}

async function framesIn(task: TaskOf<'frames'>): Promise<Made> {
  const { frames, name, limits, target } = task;
  const file = readDicom(task.bytes, name, limits);
  const stored = encapsulatedFrames(file, name);
  if (stored !== undefined && (target === undefined || target === file.transferSyntax)) {
    return { parts: chosen(stored, frames), transferSyntax: file.transferSyntax };
  }
  if (target === undefined || isNative(target)) {
    return { parts: nativeFrames(await file.pixels(), frames), transferSyntax: explicitLittleEndian };
  }
  const coded = readDicom(await transcode(task.bytes, target, limits, name), name, limits);
  return { parts: chosen(encapsulatedFrames(coded, name) ?? [], frames), transferSyntax: target };
}

const nativeTargets: ReadonlySet<string> = new Set([
  writableSyntaxes.explicit,
  writableSyntaxes.implicit,
  writableSyntaxes.deflated,
]);

function isNative(syntax: string): boolean {
  return nativeTargets.has(syntax);
}

function encapsulatedFrames(file: DicomFile, name: string): readonly Uint8Array[] | undefined {
  const value = pixelElement(file.dataSet)?.value;
  if (value === undefined || !isEncapsulated(value)) return undefined;
  return framesOf(value, file.geometry().frames, name);
}

/** Frames are numbered from 1. @throws NII_NOT_FOUND */
function chosen(all: readonly Uint8Array[], numbers: readonly number[]): readonly Uint8Array[] {
  return numbers.map((number) => all[number - 1] ?? noFrame(number, all.length));
}

function noFrame(number: number, frames: number): never {
  throw new NiiError('NII_NOT_FOUND', `Invalid frame ${number}: the instance has ${frames} frames`);
}

/** Frames of single bits need not begin on a byte (PS3.5 8.1.1), and are then not given one by one. */
function nativeFrames(pixels: DicomPixels, numbers: readonly number[]): readonly Uint8Array[] {
  const { bytes, frames } = pixels;
  const size = bytes.length / frames;
  if (pixels.bitsAllocated === 1 && frames > 1 && (pixels.rows * pixels.columns) % 8 !== 0) {
    throw new NiiError('NII_UNSUPPORTED_VARIANT', 'Frames of single bits that share bytes are not supported');
  }
  return numbers.map((number) =>
    number > frames ? noFrame(number, frames) : bytes.slice((number - 1) * size, number * size),
  );
}

async function rendered(task: TaskOf<'render'>): Promise<Uint8Array> {
  const { bytes, name, limits, frame, order, mask } = task;
  const file = readDicom(bytes, name, limits);
  if (!file.hasPixels) throw new NiiError('NII_NOT_ACCEPTABLE', 'The instance has no pixels to render');
  const pixels = await file.pixels();
  if (frame > pixels.frames) noFrame(frame, pixels.frames);
  return renderFrame(file.dataSet, pixels, frame - 1, order, mask);
}

/** The pixels of uncompressed files, and any other binary value of the top level, little-endian. */
function bulkValue({ bytes, name, limits, tag }: TaskOf<'bulk'>): Uint8Array {
  const { dataSet, bigEndian } = readDicom(bytes, name, limits);
  const wanted = tag.toLowerCase();
  const element = dataSet.find((one) => one.tag === wanted);
  const value = bytesOf(dataSet, wanted);
  if (element === undefined || value === undefined) {
    const detail = 'The instance has no binary value of this tag; get compressed pixels by frame';
    throw new NiiError('NII_NOT_FOUND', detail);
  }
  return bigEndian ? turned(element.vr, value) : value.slice();
}
