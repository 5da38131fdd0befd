import type { Limits } from '../../core/limits.ts';
import { ThreadCalls } from '../../runtime/thread-calls.ts';
import type { DicomResult, DicomTask } from './tasks.ts';

type Asked<Task> = Task extends unknown ? Omit<Task, 'limits'> : never;

/** Decodes, encodes and renders instances on a thread of its own, so that the API never waits. */
export interface DicomThread {
  run(task: Asked<DicomTask>): Promise<DicomResult>;
  close(): Promise<void>;
}

export function openDicomThread(limits: Limits): DicomThread {
  const calls = new ThreadCalls<DicomTask, DicomResult>('../look/dicomweb/worker', {
    seconds: limits.convertSeconds,
  });
  return {
    run: (task) => calls.call({ ...task, limits }),
    close: () => calls.close(),
  };
}
