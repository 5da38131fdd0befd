import Type, { type Static } from 'typebox';
import type { Problem } from './errors.ts';
import { Visit } from './scan/circumstances.ts';
import { Purpose } from './scan/scan.ts';
import type { ScanState } from './scan/scan-states.ts';

export const acceptResults = ['new-scan', 'new-revision', 'already-here'] as const;

/** What became of the files of an upload that are one scan. */
export interface AcceptedScan {
  readonly scanId: string;
  readonly revision: number;
  readonly state: ScanState;
  readonly result: (typeof acceptResults)[number];
  readonly converter: string;
  readonly files: readonly { readonly name: string; readonly role: string; readonly complete: boolean }[];
}

/** Sent beside the files of an upload; what the files themselves say wins where they say it. */
export interface UploadMeta {
  /** Where the scanner stands; must be the key's own site unless the key is for any. */
  readonly site?: string;
  readonly scanner?: string;
  readonly lane?: string;
  /** Equal for all scans and radiation records of one vehicle while it is here. */
  readonly visit?: string;
  readonly purpose?: Purpose;
}

const isField: Readonly<Record<keyof UploadMeta, true>> = {
  site: true,
  scanner: true,
  lane: true,
  visit: true,
  purpose: true,
};

/** Names of these fields in forms, addresses and rejections. */
export const uploadFields: ReadonlySet<string> = new Set(Object.keys(isField));

/** `<key id>.<random>`: an upload belongs to the key that began it. */
export const uploadIdForm = /^(?<keyId>[0-9a-f]{16})\.[0-9a-f]{32}$/;

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** What Upload-Metadata of a resumable upload may say; each value is text there, in base64. */
export const ResumableMetadata = Type.Object(
  {
    filename: Type.Optional(text(255)),
    site: Type.Optional(text(63)),
    scanner: Type.Optional(text(128)),
    lane: Type.Optional(text(128)),
    visit: Type.Optional(Visit),
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
      Type.String({ pattern: '^[1-9][0-9]{0,5}$', description: 'Number of files in the set' }),
    ),
  },
  { additionalProperties: false },
);
export type ResumableMetadata = Static<typeof ResumableMetadata>;

/** One file that is sent in pieces, as far as it has arrived. */
export interface ResumableUpload {
  readonly id: string;
  readonly keyId: string;
  /** Declared size. */
  readonly bytes: number;
  /** So many bytes are here. */
  readonly offset: number;
  readonly createdAt: string;
  readonly metadata: ResumableMetadata;
  /** Of all its bytes, once it was computed. */
  readonly sha256?: string;
  /** Present if its set was decided without waiting for it. */
  readonly copy?: LateCopy;
}

export type UploadEnding =
  | { readonly scans: readonly AcceptedScan[]; readonly problem?: never }
  | { readonly problem: Problem; readonly scans?: never };

/** How a resumable upload ended; kept for as long as one may be open, so that its sender can ask. */
export type UploadOutcome = { readonly upload: ResumableUpload; readonly at: string } & UploadEnding;

/** A file whose set was decided while it still arrived: it ends as its set did, or is rejected. */
export interface LateCopy {
  /** Of the file that the set had under this name; absent if it had none. */
  readonly sha256?: string;
  readonly ending: UploadEnding;
}

/** A file of a decided set, kept for as long as an upload may be open: the same file gets the same answer. */
export interface DecidedFile {
  readonly at: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly ending: UploadEnding;
}
