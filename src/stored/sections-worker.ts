import { answerOnThread } from '../runtime/thread-answers.ts';
import { placeSection, verifyPlaneFile } from './planes.ts';
import type { SectionTask } from './section-files.ts';

/** The thread of section-files.ts. */
answerOnThread(async (task: SectionTask) => {
  if (task.kind === 'place') await placeSection(task);
  else verifyPlaneFile(task.path, task.channel, task.name);
});
