import { createHash } from 'node:crypto';
import Value from 'typebox/value';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { ResumableMetadata, type ResumableUpload, type UploadMeta } from '../../core/upload.ts';

/** Sent by widely used clients of the protocol; nothing rests on them. */
const ignored: ReadonlySet<string> = new Set(['name', 'type', 'filetype', 'contentType', 'relativePath']);

/** @throws NII_BAD_REQUEST naming the field that is unknown or wrong */
export function parseMetadata(given: Readonly<Record<string, string | null>> = {}): ResumableMetadata {
  const fields = Object.fromEntries(Object.entries(given).filter(([field]) => !ignored.has(field)));
  if (!Value.Check(ResumableMetadata, fields)) {
    const [fault] = Value.Errors(ResumableMetadata, fields);
    const unknown = Object.keys(fields).find((field) => !Object.hasOwn(ResumableMetadata.properties, field));
    const field = unknown ?? fault?.instancePath.slice(1) ?? 'Upload-Metadata';
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Upload-Metadata: ${field} ${unknown === undefined ? fault?.message : 'is not an allowed field'}`,
      field,
    });
  }
  if ((fields.set === undefined) !== (fields.files === undefined))
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'Missing set or files in Upload-Metadata: use both or neither',
      field: 'set',
    });
  return fields;
}

export function fileNameOf({ filename = 'unnamed' }: ResumableMetadata): string {
  return filename;
}

/** How many files the set has. */
export function filesOf({ files = '1' }: ResumableMetadata): number {
  return Number(files);
}

export function declaredHashOf({ sha256 }: ResumableMetadata): string | undefined {
  return sha256?.toLowerCase();
}

export function uploadMetaOf({ site, scanner, lane, visit, purpose }: ResumableMetadata): UploadMeta {
  return {
    ...defined({ site, scanner, lane, visit, purpose }),
  };
}

/** The same for all files that are accepted together. */
export function setKeyOf({
  id,
  keyId,
  metadata,
}: Pick<ResumableUpload, 'id' | 'keyId' | 'metadata'>): string {
  if (metadata.set === undefined) return id;
  return createHash('sha256').update(`${keyId} ${metadata.set}`).digest('hex');
}

/**
 * The files that are accepted with this one, of all that its key has open. Those of a set that was decided before are
 * not among them.
 */
export function setOf(upload: ResumableUpload, open: readonly ResumableUpload[]): readonly ResumableUpload[] {
  if (upload.metadata.set === undefined || upload.copy !== undefined) return [upload];
  const key = setKeyOf(upload);
  return open.filter((one) => setKeyOf(one) === key && one.copy === undefined);
}

export function isWhole({ offset, bytes }: ResumableUpload): boolean {
  return offset === bytes;
}

/**
 * The members to accept once every file of the set is here, one for each name; undefined before. A name that was begun
 * again after a client lost its address counts once: the one that is whole, and was begun first.
 */
export function wholeSet(members: readonly ResumableUpload[]): readonly ResumableUpload[] | undefined {
  const [first] = members;
  if (first === undefined) return undefined;
  const lastFirst = members.filter(isWhole).toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1));
  const byName = new Map(lastFirst.map((member) => [fileNameOf(member.metadata), member]));
  return byName.size >= filesOf(first.metadata) ? [...byName.values()] : undefined;
}

function rank({ createdAt, id }: ResumableUpload): string {
  return `${createdAt} ${id}`;
}
