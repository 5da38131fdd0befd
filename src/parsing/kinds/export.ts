import Type from 'typebox';
import type { SyntaxName } from '../../codec/dicom/writable-syntaxes.ts';
import type { Limits } from '../../core/limits.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import type { Section } from '../../core/scan/sections.ts';
import type { ChannelFormat } from '../../format/channel-formats.ts';
import type { DicosIds } from '../../format/dicos/ids.ts';
import type { Desk } from '../reader.ts';
import { taskKind } from '../task-kind.ts';

/** A channel, or one section of it, that is to be written in another format. */
export interface ExportTask {
  readonly desk: Desk;
  readonly scan: NiiScan;
  readonly viewId: string;
  readonly channelId: string;
  readonly section?: Section;
  readonly ids: DicosIds;
  readonly format: ChannelFormat;
  readonly syntax?: SyntaxName;
  readonly limits: Limits;
  /** A file in the input: the stored DICOS instance, or the samples of the whole channel. */
  readonly from: { readonly kind: 'instance' | 'plane'; readonly file: string };
}

/** Where the reader leaves what it wrote. */
export const EXPORT_FILE = 'export';

export const exportTask = taskKind<ExportTask>('export', 'view').answers(
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: 255 }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  }),
);
