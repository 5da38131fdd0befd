import type { Limits } from '../../core/limits.ts';
import type { ThreadPool } from '../../runtime/threads/thread-pool.ts';
import { dicomTask } from '../thread-tasks.ts';
import type { DicomResult, DicomTask } from './tasks.ts';

type Asked<Task> = Task extends unknown ? Omit<Task, 'limits'> : never;

/** Decodes, encodes and renders instances on a thread, so that the API never waits. */
export interface DicomThread {
  run(task: Asked<DicomTask>): Promise<DicomResult>;
}

export function openDicomThread(threads: ThreadPool, limits: Limits): DicomThread {
  const times = { seconds: limits.convertSeconds };
  return { run: (task) => threads.call(dicomTask, { ...task, limits }, times) };
}
