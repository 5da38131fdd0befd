import type { TaskKind } from '../../runtime/threads/task-kind.ts';
import type { DicomResult, DicomTask } from './tasks.ts';

export const dicomTask: TaskKind<DicomTask, DicomResult> = { name: 'dicom' };
