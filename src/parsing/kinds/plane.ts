import Type from 'typebox';
import type { Limits } from '../../core/limits.ts';
import type { Lines } from '../../core/scan/cab.ts';
import type { Channel } from '../../core/scan/scan.ts';
import type { Section } from '../../core/scan/sections.ts';
import type { Desk } from '../reader.ts';
import { taskKind } from '../task-kind.ts';

/** The samples of a channel out of its stored instances. */
export interface PlaneTask {
  readonly desk: Desk;
  readonly channel: Channel;
  readonly parts: readonly PlanePart[];
  /** They get one value, after the samples were compared with their hash. */
  readonly masked: readonly Lines[];
  readonly limits: Limits;
}

/** An instance in the input; one without a section holds the whole channel. */
export interface PlanePart {
  readonly file: string;
  /** For failures. */
  readonly name: string;
  readonly section?: Section;
}

/** Where the reader leaves the samples. */
export const PLANE_FILE = 'plane';

/** The samples are compared with the hash of the channel. @throws NII_CORRUPT */
export const planeTask = taskKind<PlaneTask>('plane', 'view').answers(Type.Null());
