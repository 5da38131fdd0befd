import { answerOnThread } from '../../runtime/thread-answers.ts';
import { runDicomTask } from './tasks.ts';

/** The thread of dicomweb-thread.ts. */
answerOnThread(runDicomTask);
