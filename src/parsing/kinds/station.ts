import Type, { type Static } from 'typebox';
import type { Limits } from '../../core/limits.ts';
import { StationDecision, stationLimits } from '../../core/scanner/station.ts';
import type { Desk } from '../reader.ts';
import { type Frozen, taskKind } from '../task-kind.ts';

/** A file of decisions that a vendor's station wrote. */
export interface StationTask {
  readonly desk: Desk;
  /** In the input. */
  readonly file: string;
  readonly format: StationFormat;
  readonly limits: Pick<Limits, 'depth'>;
}

export type StationFormat = 'csv' | 'xml';

const ReadDecisions = Type.Array(StationDecision, { maxItems: stationLimits.decisions });
export type ReadDecisions = Frozen<Static<typeof ReadDecisions>>;

export const stationTask = taskKind<StationTask>('station', 'upload').answers(ReadDecisions);
