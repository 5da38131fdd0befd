import { defined } from '../../core/defined.ts';
import { isAttachedRole } from '../../core/scan/attached-role.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import type { Json } from '../../core/scan/scan.ts';
import type { Converted, ConvertedAttachment, ConverterFile, PlaneStream, Sdk } from '../../sdk/sdk.ts';
import type { MappedLayout } from '../schema/mapped.ts';
import { Documents } from './documents.ts';
import { Evaluation } from './evaluation.ts';
import { mediaTypeOf } from './picture.ts';
import { recordOf } from './record.ts';
import { bytesOf, wholeOf } from './region.ts';
import { type Absence, type BuiltViews, type Plane, viewsOf } from './views.ts';

/** Chunks whose data is kept in hexadecimal with the record; larger ones stay in the original. */
const KEPT_CHUNK_BYTES = 256;
const HEAD_BYTES = 16;

/** Reads the files of one scan as a layout of kind `mapped` says. */
export async function readMapped(
  layout: MappedLayout,
  format: string,
  files: readonly ConverterFile[],
  sdk: Sdk,
): Promise<Converted> {
  const documents = new Documents(sdk);
  const evaluation = new Evaluation(layout, files, sdk, documents);
  const pinned = pinning(layout, files, evaluation);
  const built = await viewsOf(layout.views ?? [], evaluation, pinned);
  const record = recordOf(layout.record ?? {}, format, evaluation);
  const fields = evaluation.all();
  requireSomethingRead(built, documents, sdk);
  warnAboutMissingChannels(built.absent, sdk);
  if (layout.names !== undefined) warnAboutMissingFiles(layout.names, files, evaluation);
  warnAboutRest(layout, built, sdk);
  if (isPreview(built)) sdk.warn('NII_W_PREVIEW_ONLY');
  const cut = built.absent.some(({ short }) => short !== undefined);
  const planes = built.views.flatMap((view) => view.planes);
  return {
    ...record,
    views: built.views.map(({ view }) => view),
    planes: new Map(planes.filter(isPlain)),
    streams: new Map(planes.filter(isStream)),
    ...defined({ completeness: cut ? ('incomplete' as const) : undefined }),
    attachments: attachmentsOf(files, evaluation),
    vendor: { ...vendorOf(layout, fields, evaluation), ...Object.fromEntries(documents.asJson()) },
  };
}

/** Pictures alone: what was measured is missing. */
function isPreview({ views }: BuiltViews): boolean {
  const channels = views.flatMap(({ view }) => view.channels);
  return channels.length > 0 && channels.every(({ kind }) => channelKinds[kind].isRendered);
}

function isPlain(entry: readonly [string, Plane]): entry is readonly [string, Uint8Array] {
  return entry[1] instanceof Uint8Array;
}

function isStream(entry: readonly [string, Plane]): entry is readonly [string, PlaneStream] {
  return !(entry[1] instanceof Uint8Array);
}

/** An evaluation of its own for each file of a role, as if the others had not come. */
function pinning(
  layout: MappedLayout,
  files: readonly ConverterFile[],
  { sdk, documents, touched }: Evaluation,
): (role: string) => readonly Evaluation[] {
  return (role) => {
    const ofRole = files.filter((file) => file.role === role).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const file of ofRole) touched.add(file);
    return ofRole.map((file) => {
      const others = files.filter((one) => one.role !== role);
      return new Evaluation(layout, [...others, file], sdk, documents);
    });
  };
}

/** Files of which nothing can be said are no scan: the first reason is given. */
function requireSomethingRead({ views, absent }: BuiltViews, documents: Documents, sdk: Sdk): void {
  if (views.length > 0 || documents.anyRead) return;
  const short = absent.find((one) => one.short !== undefined)?.short;
  const [first] = absent;
  throw (
    short ?? documents.failure ?? sdk.error('NII_TRUNCATED', `the ${first?.file ?? 'image'} file is missing`)
  );
}

function warnAboutMissingChannels(absent: readonly Absence[], sdk: Sdk): void {
  for (const { channel, short, optional } of absent) {
    if (short !== undefined) sdk.warn('NII_W_CHANNEL_INCOMPLETE', { field: channel, message: short.message });
    else if (!optional) sdk.warn('NII_W_CHANNEL_MISSING', { field: channel });
  }
}

/** Base names that the index file lists and that are not here. */
function warnAboutMissingFiles(
  { file: role, xml }: NonNullable<MappedLayout['names']>,
  files: readonly ConverterFile[],
  evaluation: Evaluation,
): void {
  const index = evaluation.file(role);
  if (index === undefined) return;
  const here = new Set(files.map(({ name }) => baseName(name)));
  for (const name of evaluation.documents.xmlTexts(wholeOf(index), xml)) {
    if (name !== '' && !here.has(baseName(name))) {
      evaluation.sdk.warn('NII_W_FILE_MISSING', { field: role, value: name });
    }
  }
}

function baseName(name: string): string {
  return (name.split(/[\\/]/).at(-1) ?? '').toLowerCase();
}

/** Only where nothing else of the layout can lie behind the samples. */
function warnAboutRest({ blocks }: MappedLayout, { left }: BuiltViews, sdk: Sdk): void {
  const others = Object.values(blocks ?? {}).some((block) => !('chunk' in block));
  for (const [name, bytes] of left) {
    if (bytes > 0 && !others) sdk.warn('NII_W_TRAILING_BYTES', { field: name, value: String(bytes) });
  }
}

/** Files that nothing was read from: of a known kind kept as such, others said to be unused. */
function attachmentsOf(
  files: readonly ConverterFile[],
  { touched, sdk }: Evaluation,
): readonly ConvertedAttachment[] {
  return files
    .filter((file) => !touched.has(file))
    .map((file) => {
      if (file.role === 'undecoded') sdk.warn('NII_W_NOT_DECODED', { field: file.name });
      else if (!isAttachedRole(file.role)) sdk.warn('NII_W_FILE_UNUSED', { field: file.name });
      const region = wholeOf(file);
      const head = bytesOf(region, 0, Math.min(HEAD_BYTES, region.size), sdk);
      return { name: file.name, kind: file.role, mediaType: mediaTypeOf(head) };
    });
}

/** Values of fields by name, and the chunks of a container: all of their tags, the data of small ones. */
function vendorOf(
  { chunks }: MappedLayout,
  fields: readonly (readonly [string, string | number])[],
  evaluation: Evaluation,
): Readonly<Record<string, Json>> {
  const { sdk } = evaluation;
  const listed = evaluation.chunks().map(({ tag, data }): Json => {
    const small = data.size <= KEPT_CHUNK_BYTES;
    const hex = small ? { hex: sdk.hex(bytesOf(data, 0, data.size, sdk)) } : {};
    return { tag: sdk.clip(tag), at: data.start, bytes: data.size, ...hex };
  });
  return {
    ...defined({
      fields: fields.length === 0 ? undefined : Object.fromEntries(fields),
      chunks: chunks && listed,
    }),
  };
}
