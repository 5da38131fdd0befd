import { answerOnThread } from '../../runtime/thread-answers.ts';
import { runExport } from './tasks.ts';

/** The thread of export.ts. */
answerOnThread(runExport);
