import { transcode } from '../codec/dicom/transcode.ts';
import { type SyntaxName, writableSyntaxes } from '../codec/dicom/writable-syntaxes.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { wholePlane } from '../core/scan/plane-source.ts';
import { planeKey } from '../core/scan/scan.ts';
import { instanceName, type Section } from '../core/scan/sections.ts';
import { type ChannelFormat, type DicomFormat, isDicomFormat } from './channel-formats.ts';
import { encodeDx } from './dicos/dx.ts';
import type { DxOptions } from './dicos/input.ts';
import type { DxPartsInput } from './dicos/parts.ts';
import { encodeDxParts } from './dicos/parts.ts';
import { encodeMedical } from './medical/medical.ts';
import { encodeMedicalParts } from './medical/parts.ts';
import { encodeNpy } from './npy.ts';
import { placeOf } from './place.ts';
import { encodePng } from './png16.ts';
import { encodeTiff } from './tiff.ts';

const extensionOf: Readonly<Record<ChannelFormat, string>> = {
  dicos: 'dcs',
  'dicos-presentation': 'dcs',
  'medical-dx': 'dcm',
  tiff: 'tif',
  png: 'png',
  npy: 'npy',
  raw: 'raw',
};

interface ExportRequest extends DxPartsInput {
  /** DICOM formats: `plane` holds this section alone, and one file is made of it. */
  readonly section?: Section;
  readonly format: ChannelFormat;
  /** Of the DICOM formats; lossless JPEG unless said. */
  readonly syntax?: SyntaxName;
  readonly limits: Limits;
}

export interface ExportedFile {
  /** `<view>-<channel>.<extension>`; DICOM instances of a sectioned channel carry `-s1`, `-s2`, … */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The files that one channel makes in a format: one, or for DICOM one for each section. Works on the calling thread.
 * @throws NII_NOT_FOUND for a channel that the record does not have; NII_UNSUPPORTED_VARIANT where the format or the
 *   syntax cannot hold the samples; NII_BAD_REQUEST for a syntax of a format that is not DICOM
 */
export async function* exportChannel(request: ExportRequest): AsyncGenerator<ExportedFile> {
  const { format, syntax } = request;
  const extension = extensionOf[format];
  if (isDicomFormat(format)) {
    for await (const { name, bytes } of dicomParts(request, format)) {
      yield { name: `${name}.${extension}`, bytes: await inSyntax(bytes, request) };
    }
    return;
  }
  if (syntax !== undefined) {
    throw new NiiError('NII_BAD_REQUEST', { detail: `${format} has no transfer syntax`, field: 'syntax' });
  }
  const name = `${planeKey(request.viewId, request.channelId)}.${extension}`;
  yield { name, bytes: await encodeSamples(request, format) };
}

interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function dicomParts(request: ExportRequest, format: DicomFormat): AsyncIterable<Part> {
  const codec = defined({ codec: request.syntax && ('none' as const) });
  const intent = format === 'dicos' ? 'processing' : 'presentation';
  const options = { ...codec, intent } as const;
  const { section } = request;
  if (section !== undefined) return onePart({ ...request, section }, format, options);
  return format === 'medical-dx' ? encodeMedicalParts(request, options) : encodeDxParts(request, options);
}

async function* onePart(
  request: ExportRequest & { readonly section: Section },
  format: DicomFormat,
  options: DxOptions,
): AsyncGenerator<Part> {
  const encode = format === 'medical-dx' ? encodeMedical : encodeDx;
  const { bytes } = await encode({ ...request, plane: wholePlane(request.plane) }, options);
  yield { name: instanceName(planeKey(request.viewId, request.channelId), request.section), bytes };
}

async function inSyntax(bytes: Uint8Array, { syntax, limits }: ExportRequest): Promise<Uint8Array> {
  return syntax === undefined ? bytes : transcode(bytes, writableSyntaxes[syntax], limits);
}

async function encodeSamples(
  request: ExportRequest,
  format: Exclude<ChannelFormat, DicomFormat>,
): Promise<Uint8Array> {
  const { channel } = placeOf(request);
  const plane = wholePlane(request.plane);
  switch (format) {
    case 'tiff':
      return encodeTiff(channel, plane);
    case 'png':
      return encodePng(channel, plane);
    case 'npy':
      return encodeNpy(channel, plane);
    case 'raw':
      return plane;
  }
}
