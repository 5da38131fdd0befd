import Type, { type Static } from 'typebox';
import type { Limits } from '../../core/limits.ts';
import type { CabBand } from '../../core/scan/cab.ts';
import type { PictureOrder } from '../../format/rendered/order.ts';
import type { Desk } from '../reader.ts';
import { type Frozen, taskKind } from '../task-kind.ts';

/** What is done to one stored instance. */
export type DicomTask = DicomWork & {
  readonly desk: Desk;
  /** The instance, or its beginning for `metadata`: a file in the input. */
  readonly file: string;
  /** For failures. */
  readonly name: string;
  readonly limits: Limits;
};

export type DicomWork =
  | { readonly kind: 'metadata'; readonly bulkBase: string }
  | { readonly kind: 'transcode'; readonly target: string }
  | { readonly kind: 'frames'; readonly frames: readonly number[]; readonly target: string | undefined }
  | {
      readonly kind: 'render';
      readonly frame: number;
      readonly order: PictureOrder;
      readonly mask: readonly CabBand[];
    }
  | { readonly kind: 'bulk'; readonly tag: string };

/** Where the reader leaves the parts, one after the other. */
export const PARTS_FILE = 'parts';

/** One part for each thing asked for; `metadata` gives UTF-8 JSON. */
const DicomParts = Type.Object({
  /** Bytes of each part. */
  parts: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 1_000_000 }),
  /** Of the parts, where they are pixels. */
  transferSyntax: Type.Optional(Type.String({ pattern: '^[0-9.]{1,64}$' })),
});
export type DicomParts = Frozen<Static<typeof DicomParts>>;

export const dicomTask = taskKind<DicomTask>('dicom', 'view').answers(DicomParts);
