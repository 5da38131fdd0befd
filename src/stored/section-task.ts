import type { Channel } from '../core/scan/scan.ts';
import type { TaskKind } from '../runtime/threads/task-kind.ts';
import { placeSection, type SectionToPlace, verifyPlaneFile } from './planes.ts';

/** What makes the file of a channel that is stored in sections. */
export type SectionTask =
  | (SectionToPlace & { readonly kind: 'place' })
  | { readonly kind: 'verify'; readonly path: string; readonly channel: Channel; readonly name: string };

export const sectionTask: TaskKind<SectionTask, void> = { name: 'section' };

export async function runSectionTask(task: SectionTask): Promise<void> {
  if (task.kind === 'place') await placeSection(task);
  else verifyPlaneFile(task.path, task.channel, task.name);
}
