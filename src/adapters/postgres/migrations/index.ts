import type { Migration } from 'kysely';
import { initial } from './0001-initial.ts';
import { sealedSignIns } from './0002-sealed-sign-ins.ts';
import { senderTurns } from './0003-sender-turns.ts';
import { begunJobs } from './0004-begun-jobs.ts';
import { checkedObjects } from './0005-checked-objects.ts';
import { visitMarks } from './0006-visit-marks.ts';
import { instructionNumbers } from './0007-instruction-numbers.ts';
import { passageMarks } from './0008-passage-marks.ts';
import { openedImages } from './0009-opened-images.ts';
import { declarationAuthors } from './0010-declaration-authors.ts';

/** Forward only, in the order of their names. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-sealed-sign-ins': sealedSignIns,
  '0003-sender-turns': senderTurns,
  '0004-begun-jobs': begunJobs,
  '0005-checked-objects': checkedObjects,
  '0006-visit-marks': visitMarks,
  '0007-instruction-numbers': instructionNumbers,
  '0008-passage-marks': passageMarks,
  '0009-opened-images': openedImages,
  '0010-declaration-authors': declarationAuthors,
};
