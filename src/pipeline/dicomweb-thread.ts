import type { Limits } from '../core/limits.ts';
import type { DicomResult, DicomTask } from './dicomweb-tasks.ts';
import { ThreadCalls } from './thread-calls.ts';

type Asked<Task> = Task extends unknown ? Omit<Task, 'limits'> : never;

/** Decodes, encodes and renders instances on a thread of its own, so that the API never waits. */
export interface DicomThread {
  run(task: Asked<DicomTask>): Promise<DicomResult>;
  close(): Promise<void>;
}

export function openDicomThread(limits: Limits): DicomThread {
  const calls = new ThreadCalls<DicomTask, DicomResult>('dicomweb-worker', {
    seconds: limits.convertSeconds,
  });
  return {
    run: (task) => calls.call({ ...task, limits }),
    close: () => calls.close(),
  };
}
