import { answerOnThread, workOf } from '../runtime/threads/thread-entry.ts';
import { decodePlane } from '../stored/planes.ts';
import { runSectionTask, sectionTask } from '../stored/section-task.ts';
import { runDicomTask } from './dicomweb/tasks.ts';
import { runExport } from './export/tasks.ts';
import { decodeTask, dicomTask, exportTask } from './thread-tasks.ts';

/** What the threads of the service do: whatever takes long, so that the API never waits. */
export default answerOnThread([
  workOf(decodeTask, ({ bytes, channel, name, limits }) => decodePlane(bytes, channel, name, limits)),
  workOf(dicomTask, runDicomTask),
  workOf(exportTask, runExport),
  workOf(sectionTask, runSectionTask),
]);
