import Type, { type Static } from 'typebox';

/** How far a revision is, and a scan with its newest revision. */
export const ScanState = Type.Enum(['received', 'converted', 'analysed', 'failed']);
export type ScanState = Static<typeof ScanState>;

/** What a sender can wait for. */
export const Milestone = Type.Enum(['converted', 'analysed']);
export type Milestone = Static<typeof Milestone>;

interface ScanStateFacts {
  /** The step that is due next. */
  readonly due: 'convert' | 'analyse' | 'triage' | 'nothing';
  /** Milestones that are reached, or will never be reached. */
  readonly settles: readonly Milestone[];
  /** Steps have still to look at it before analysts do. */
  readonly isUnderWay: boolean;
  /** No record could be made of the originals. */
  readonly hasFailed: boolean;
}

export const scanStates: Readonly<Record<ScanState, ScanStateFacts>> = {
  received: { due: 'convert', settles: [], isUnderWay: true, hasFailed: false },
  converted: { due: 'analyse', settles: ['converted'], isUnderWay: true, hasFailed: false },
  analysed: { due: 'triage', settles: ['converted', 'analysed'], isUnderWay: false, hasFailed: false },
  failed: { due: 'nothing', settles: ['converted', 'analysed'], isUnderWay: false, hasFailed: true },
};

/** Whether the milestone is reached, or will never be reached. */
export function settles(state: ScanState, milestone: Milestone): boolean {
  return scanStates[state].settles.includes(milestone);
}
