import { answerParent } from '../../runtime/children/answer-parent.ts';
import { doReading } from './works.ts';

/** The process that reads what strangers wrote: what it is asked comes from reader-pool.ts. */

answerParent(doReading);
