import type { Converted, ConverterFile, Json, Sdk, XmlNode } from '../../src/sdk/sdk.ts';
import { everyNode, localName } from './form.ts';

/** A file that the form names, and the file itself where it has come. */
export interface Resource {
  readonly name: string;
  /** img, dhe, rt, ard, snap, OCRsnap, OCRxml, as far as they were seen. */
  readonly type: string;
  readonly preview: boolean;
  readonly deleted: boolean;
  readonly file?: ConverterFile;
}

const RESOURCES_CEILING = 1024;

export function resourcesOf(root: XmlNode, files: readonly ConverterFile[]): readonly Resource[] {
  const byName = new Map(files.map((file) => [baseOf(file.name), file]));
  return everyNode(root)
    .filter((node) => localName(node) === 'Resource' && node.text !== '')
    .slice(0, RESOURCES_CEILING)
    .map(({ text, attributes }) => {
      const file = byName.get(baseOf(text));
      return {
        name: text,
        type: attributes.Type ?? '',
        preview: attributes.IsPreview === 'true',
        deleted: attributes.IsDeleted === 'true',
        ...(file === undefined ? {} : { file }),
      };
    });
}

function baseOf(name: string): string {
  return name.replaceAll('\\', '/').split('/').at(-1)?.toLowerCase() ?? '';
}

/** One warning for each type of file that is named, is not deleted, and has not come. */
export function warnOfMissing(resources: readonly Resource[], sdk: Sdk): void {
  const missing = resources.filter(({ file, deleted }) => file === undefined && !deleted);
  for (const type of new Set(missing.map((resource) => resource.type))) {
    const names = missing.filter((resource) => resource.type === type).map(({ name }) => name);
    sdk.warn('NII_W_FILE_MISSING', { field: `Resource ${type}`, value: names.join(', ') });
  }
}

/** A small picture for lists; by its mark, or where the form does not name it, by its name. */
export function isThumbnail(file: ConverterFile, resources: readonly Resource[]): boolean {
  const resource = resources.find((one) => one.file === file);
  return resource?.preview === true || /_stamp\.[a-z]+$/i.test(file.name);
}

type Attachment = NonNullable<Converted['attachments']>[number];

/** Every file but the forms and the pictures that became channels. */
export function attachmentsOf(
  files: readonly ConverterFile[],
  resources: readonly Resource[],
  sdk: Sdk,
): readonly Attachment[] {
  return files.map((file): Attachment => {
    if (file.role === 'undecoded') sdk.warn('NII_W_NOT_DECODED', { field: file.name });
    const kind = isThumbnail(file, resources) ? 'thumbnail' : file.role;
    return { name: file.name, kind, mediaType: mediaTypeOf(file) };
  });
}

const mediaTypes: readonly (readonly [string, string])[] = [
  ['ffd8ff', 'image/jpeg'],
  ['89504e47', 'image/png'],
  ['3c3f786d6c', 'application/xml'],
];

function mediaTypeOf({ bytes, role }: ConverterFile): string {
  if (role === 'metadata') return 'application/xml';
  const head = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return mediaTypes.find(([magic]) => head.startsWith(magic))?.[1] ?? 'application/octet-stream';
}

/** The files that the form names, for whoever has the form alone. */
export function listed(resources: readonly Resource[]): Json {
  return resources.map(({ name, type, preview, deleted, file }) => ({
    name,
    type,
    ...(preview ? { preview } : {}),
    ...(deleted ? { deleted } : {}),
    here: file !== undefined,
  }));
}
