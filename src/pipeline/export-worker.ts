import { runExport } from './export-tasks.ts';
import { answerOnThread } from './thread-answers.ts';

/** The thread of export.ts. */
answerOnThread(runExport);
