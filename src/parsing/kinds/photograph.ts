import Type, { type Static } from 'typebox';
import { DevelopedSides, PhotographType } from '../../core/case/photograph.ts';
import type { Desk } from '../reader.ts';
import { type Frozen, taskKind } from '../task-kind.ts';

/** A photograph that somebody took, which is to be shown. */
export interface PhotographTask {
  readonly desk: Desk;
  /** In the input. */
  readonly file: string;
}

/** Where the reader leaves the JPEG. */
export const DEVELOPED_FILE = 'developed';

const DevelopedPhotograph = Type.Object({ type: PhotographType, ...DevelopedSides.properties });
export type DevelopedPhotograph = Frozen<Static<typeof DevelopedPhotograph>>;

/** @throws NII_MEDIA_TYPE, NII_MALFORMED, NII_LIMIT_PIXELS */
export const photographTask = taskKind<PhotographTask>('photograph', 'upload').answers(DevelopedPhotograph);
