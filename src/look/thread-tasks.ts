import type { Limits } from '../core/limits.ts';
import type { Channel } from '../core/scan/scan.ts';
import type { TaskKind } from '../runtime/threads/task-kind.ts';
import type { DicomResult, DicomTask } from './dicomweb/tasks.ts';
import type { ExportResult, ExportTask } from './export/tasks.ts';

/** A stored DICOS instance whose samples are asked for. */
export interface DecodeTask {
  readonly bytes: Uint8Array;
  readonly channel: Channel;
  readonly name: string;
  readonly limits: Limits;
}

export const decodeTask: TaskKind<DecodeTask, Uint8Array> = { name: 'decode' };

export const dicomTask: TaskKind<DicomTask, DicomResult> = { name: 'dicom' };
export const exportTask: TaskKind<ExportTask, ExportResult> = { name: 'export' };
