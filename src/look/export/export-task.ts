import type { TaskKind } from '../../runtime/threads/task-kind.ts';
import type { ExportResult, ExportTask } from './tasks.ts';

export const exportTask: TaskKind<ExportTask, ExportResult> = { name: 'export' };
