import { runDicomTask } from './dicomweb-tasks.ts';
import { answerOnThread } from './thread-answers.ts';

/** The thread of dicomweb-thread.ts. */
answerOnThread(runDicomTask);
