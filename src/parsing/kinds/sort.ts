import Type, { type Static } from 'typebox';
import type { Limits } from '../../core/limits.ts';
import { REFERENCES_CEILING } from '../../recognise/files.ts';
import type { ConverterManifest } from '../../recognise/manifest.ts';
import type { Desk } from '../reader.ts';
import { type Frozen, taskKind } from '../task-kind.ts';

/** Files of one upload that are to be sorted into scans. */
export interface SortTask {
  readonly desk: Desk;
  readonly files: readonly FileToSort[];
  readonly manifests: readonly ConverterManifest[];
  /** Each DICOM file is called after its instance: what its sender calls it says nothing. */
  readonly namedByInstance: boolean;
  readonly limits: Limits;
}

export interface FileToSort {
  /** In the input. */
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly damage?: string;
}

const Text = Type.String({ maxLength: 1024 });
const Uid = Type.String({ pattern: '^[0-9.]{1,64}$' });
const Position = Type.Integer({ minimum: 0 });

const Facts = Type.Object({
  studyUid: Uid,
  seriesUid: Uid,
  instanceUid: Uid,
  sopClass: Uid,
  transferSyntax: Text,
  modality: Text,
  frames: Type.Integer({ minimum: 0 }),
  headBytes: Type.Integer({ minimum: 0 }),
  report: Type.Optional(Type.Enum(['machine', 'person'])),
  references: Type.Optional(Type.Array(Uid, { minItems: 1, maxItems: REFERENCES_CEILING })),
  attributes: Type.Record(
    Type.String({ pattern: '^[0-9A-F]{8}$' }),
    Type.Object({
      vr: Type.String({ pattern: '^[A-Z]{2}$' }),
      Value: Type.Optional(Type.Array(Type.Unknown())),
      InlineBinary: Type.Optional(Type.String()),
      BulkDataURI: Type.Optional(Type.String()),
    }),
  ),
});

/** What the content of one file says, beyond its format. */
const SortedFile = Type.Object({
  index: Type.Optional(
    Type.Object({
      key: Type.Optional(Text),
      names: Type.Record(Type.String({ maxLength: 255 }), Text),
    }),
  ),
  /** Scans that would take it as their sidecar. */
  wanted: Type.Array(Type.Object({ converter: Text, groupKey: Text, role: Text }), { maxItems: 4096 }),
  /** SOP instances that it refers to, where it is a report. */
  references: Type.Array(Uid, { maxItems: 4096 }),
  instance: Type.Optional(Facts),
});

/** Files are told by their position in the task. */
const Sorted = Type.Object({
  files: Type.Array(SortedFile),
  groups: Type.Array(
    Type.Object({
      converter: Type.Object({ id: Text, version: Text }),
      groupKey: Text,
      fallback: Type.Boolean(),
      files: Type.Array(Type.Object({ file: Position, role: Text, complete: Type.Boolean() })),
    }),
  ),
  unknown: Type.Array(Position),
  ambiguous: Type.Array(Type.Object({ file: Position, converters: Type.Array(Text) })),
});
export type Sorted = Frozen<Static<typeof Sorted>>;

export const sortTask = taskKind<SortTask>('sort', 'upload').answers(Sorted);
