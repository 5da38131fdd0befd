import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../../core/errors.ts';
import { Purpose } from '../../core/scan/scan.ts';
import type { UploadMeta } from '../accept.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** What Upload-Metadata of a resumable upload may say; each value is text there, in base64. */
export const TusMetadata = Type.Object(
  {
    filename: Type.Optional(text(255)),
    site: Type.Optional(text(63)),
    scanner: Type.Optional(text(128)),
    lane: Type.Optional(text(128)),
    purpose: Type.Optional(Purpose),
    sha256: Type.Optional(
      Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'Of this file; checked' }),
    ),
    set: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._-]{1,64}$',
        description: 'Files of the same set are accepted together, as one upload',
      }),
    ),
    files: Type.Optional(
      Type.String({ pattern: '^[1-9][0-9]{0,5}$', description: 'How many files the set has' }),
    ),
  },
  { additionalProperties: false },
);
export type TusMetadata = Static<typeof TusMetadata>;

/** Sent by widely used clients of the protocol; nothing rests on them. */
const ignored: ReadonlySet<string> = new Set(['name', 'type', 'filetype', 'contentType', 'relativePath']);

/** @throws NII_BAD_REQUEST naming the field that is unknown or wrong */
export function parseTusMetadata(given: Readonly<Record<string, string | null>> = {}): TusMetadata {
  const fields = Object.fromEntries(Object.entries(given).filter(([field]) => !ignored.has(field)));
  if (!Value.Check(TusMetadata, fields)) {
    const [fault] = Value.Errors(TusMetadata, fields);
    const unknown = Object.keys(fields).find((field) => !Object.hasOwn(TusMetadata.properties, field));
    const field = unknown ?? fault?.instancePath.slice(1) ?? 'Upload-Metadata';
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Upload-Metadata: ${field} ${unknown === undefined ? fault?.message : 'is not a field of it'}`,
      field,
    });
  }
  if ((fields.set === undefined) !== (fields.files === undefined))
    throw new NiiError('NII_BAD_REQUEST', { detail: 'set and files go together', field: 'set' });
  return fields;
}

export function fileNameOf({ filename = 'unnamed' }: TusMetadata): string {
  return filename;
}

export function filesOf({ files = '1' }: TusMetadata): number {
  return Number(files);
}

export function uploadMetaOf({ site, scanner, lane, purpose }: TusMetadata): UploadMeta {
  return {
    ...(site === undefined ? {} : { site }),
    ...(scanner === undefined ? {} : { scanner }),
    ...(lane === undefined ? {} : { lane }),
    ...(purpose === undefined ? {} : { purpose }),
  };
}

/** The same for all files that are accepted together. */
export function setKeyOf({ id, keyId, metadata }: Pick<SetMember, 'id' | 'keyId' | 'metadata'>): string {
  if (metadata.set === undefined) return id;
  return createHash('sha256').update(`${keyId} ${metadata.set}`).digest('hex');
}

/** A file of a set, as far as it has arrived. */
export interface SetMember {
  readonly id: string;
  readonly keyId: string;
  /** Declared. */
  readonly bytes: number;
  /** So many are here. */
  readonly offset: number;
  readonly createdAt: string;
  readonly metadata: TusMetadata;
}

/**
 * The members to accept once every file of the set is here, one for each name; undefined before. A name that was begun
 * again after a client lost its address counts once: the one that is whole, and was begun first.
 */
export function wholeSet(members: readonly SetMember[]): readonly SetMember[] | undefined {
  const [first] = members;
  if (first === undefined) return undefined;
  const whole = members.filter(({ offset, bytes }) => offset === bytes);
  const lastFirst = whole.toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1));
  const byName = new Map(lastFirst.map((member) => [fileNameOf(member.metadata), member]));
  return byName.size >= filesOf(first.metadata) ? [...byName.values()] : undefined;
}

function rank({ createdAt, id }: SetMember): string {
  return `${createdAt} ${id}`;
}
