import type { LaneReason } from '../core/case/lane.ts';
import type { ControlTerms } from '../core/rules/controls.ts';
import { daysOfVisit, type PersonFigures, type PolicyTerms, VEHICLE_DAYS } from '../core/rules/policy.ts';
import { purposeFacts, purposes } from '../core/scan/circumstances.ts';
import { loosensControls } from './controls.ts';

/** The terms that count, and of which version they are: what is decided by them names it. */
export interface TriagePolicy extends PolicyTerms {
  /** 0: the administration has decided nothing, and the defaults count. */
  readonly version: number;
  /** These count where a site says nothing of them. */
  readonly undoWindowSeconds: number;
  readonly dangerDueMinutes: number;
}

/** The policy as it is for one case. */
export type CasePolicy = TriagePolicy & Pick<ControlTerms, 'search' | 'readers' | 'minimumLookSeconds'>;

/**
 * What counts while an administration has decided nothing. A scan without a score goes where scored ones go on average:
 * 240 minutes x (percentile / 100)^4 is 48 minutes over all percentiles. More would put all that a scanner without a
 * model sends before most of the others.
 */
export const defaultPolicy: TriagePolicy = Object.freeze<TriagePolicy>({
  version: 0,
  dueMinutes: 60,
  instructionMinutes: 5,
  claimMinutes: 15,
  longestClaimMinutes: 60,
  handBacksPerDay: 5,
  urgentMinutes: 15,
  highPercentile: 95,
  raisedPercentile: 80,
  highRisk: 80,
  raisedRisk: 50,
  percentileHeadStartMinutes: 240,
  riskHeadStartMinutes: 240,
  notAnalysedHeadStartMinutes: 48,
  incompleteHeadStartMinutes: 15,
  secondOpinionOn: ['inconclusive'],
  secondOpinionShare: 0.02,
  disagreement: 'supervisor',
  queuedPurposes: purposes.filter((purpose) => purposeFacts[purpose].isQueued),
  radiationWindowSeconds: 120,
  alarmWindowMinutes: 45,
  alarmDueMinutes: 30,
  undoWindowSeconds: 10,
  dangerDueMinutes: 2,
});

/** The longest that a barrier may go by an instruction: an alarm that came since is not in it. */
export const LONGEST_INSTRUCTION_MINUTES = 15;
/** The shortest that holds for the way from a portal to a scanner beside it. */
export const SHORTEST_ALARM_WINDOW_MINUTES = 5;

/** What a policy must keep, because something could proceed otherwise that a row of the table of instructions holds. */
interface TableBound {
  readonly field: keyof PolicyTerms;
  readonly row: LaneReason;
  readonly isKept: (terms: PolicyTerms) => boolean;
  readonly allowed: string;
}

const tableBounds: readonly TableBound[] = [
  {
    field: 'queuedPurposes',
    row: 'undecided',
    isKept: ({ queuedPurposes }) => queuedPurposes.includes('operational'),
    allowed: 'include operational; otherwise nobody would decide on a vehicle and its alarms',
  },
  {
    field: 'instructionMinutes',
    row: 'alarm-waits',
    isKept: ({ instructionMinutes }) =>
      instructionMinutes >= 1 && instructionMinutes <= LONGEST_INSTRUCTION_MINUTES,
    allowed: `use 1 to ${LONGEST_INSTRUCTION_MINUTES}; otherwise the lane would follow an instruction without a new alarm, or have none`,
  },
  {
    field: 'alarmWindowMinutes',
    row: 'alarm-near',
    isKept: ({ alarmWindowMinutes }) => alarmWindowMinutes >= SHORTEST_ALARM_WINDOW_MINUTES,
    allowed: `use ${SHORTEST_ALARM_WINDOW_MINUTES} or more; otherwise no vehicle would be near an alarm`,
  },
  {
    field: 'radiationWindowSeconds',
    row: 'alarm-near',
    isKept: ({ radiationWindowSeconds, alarmWindowMinutes }) =>
      radiationWindowSeconds <= alarmWindowMinutes * 60,
    allowed: 'use at most alarmWindowMinutes; otherwise an alarm would join a vehicle that is not near it',
  },
];

/** The first bound of the table that these terms do not keep. */
export function brokenBound(terms: PolicyTerms): TableBound | undefined {
  return tableBounds.find(({ isKept }) => !isKept(terms));
}

type Loosens = (before: PolicyTerms, after: PolicyTerms) => boolean;
type NumberName = {
  [Key in keyof PolicyTerms]-?: PolicyTerms[Key] extends number ? Key : never;
}[keyof PolicyTerms];

const more =
  (name: NumberName): Loosens =>
  (before, after) =>
    after[name] > before[name];
const less =
  (name: NumberName): Loosens =>
  (before, after) =>
    after[name] < before[name];
const lacks =
  (name: 'secondOpinionOn' | 'queuedPurposes'): Loosens =>
  (before, after) => {
    const kept: readonly string[] = after[name];
    return before[name].some((one) => !kept.includes(one));
  };
const never: Loosens = () => false;

/** Whether a change of a field lets more pass, or later, than before. A new field does not compile until it is said. */
const loosens: Readonly<Record<keyof PolicyTerms, Loosens>> = {
  dueMinutes: more('dueMinutes'),
  instructionMinutes: more('instructionMinutes'),
  claimMinutes: never,
  longestClaimMinutes: never,
  handBacksPerDay: more('handBacksPerDay'),
  urgentMinutes: never,
  highPercentile: more('highPercentile'),
  raisedPercentile: more('raisedPercentile'),
  highRisk: more('highRisk'),
  raisedRisk: more('raisedRisk'),
  percentileHeadStartMinutes: never,
  riskHeadStartMinutes: never,
  notAnalysedHeadStartMinutes: never,
  incompleteHeadStartMinutes: never,
  secondOpinionOn: lacks('secondOpinionOn'),
  secondOpinionShare: less('secondOpinionShare'),
  disagreement: (before, after) =>
    before.disagreement === 'supervisor' && after.disagreement === 'third-reader',
  queuedPurposes: lacks('queuedPurposes'),
  // A wider window joins an alarm to one vehicle that it may not be of, and lets those near it go
  radiationWindowSeconds: more('radiationWindowSeconds'),
  alarmWindowMinutes: less('alarmWindowMinutes'),
  separation: (before, after) => after.separation === 'small-post' && before.separation !== 'small-post',
  vehicleDays: (before, after) => (after.vehicleDays ?? VEHICLE_DAYS) < (before.vehicleDays ?? VEHICLE_DAYS),
  visitDays: (before, after) => daysOfVisit(after) < daysOfVisit(before),
  // A longer one only delays a notice to a supervisor; the vehicles are still held
  alarmDueMinutes: never,
  randomSearchShare: (before, after) => (after.randomSearchShare ?? 0) < (before.randomSearchShare ?? 0),
  fullSearchNeeds: (before, after) => photographsNeeded(after) < photographsNeeded(before),
  // Nothing passes by them; they concern the readers, so one person alone does not switch them on
  // Nothing passes by what a reason is called; the one that raises an alarm cannot be retired
  reasons: never,
  personFigures: (before, after) => showsMoreOfPersons(before.personFigures, after.personFigures),
  controls: (before, after) => loosensControls(before.controls, after.controls),
  // Behind a mask less is looked at; without it more is shown of a person
  cab: (before, after) => (before.cab ?? 'shown') !== (after.cab ?? 'shown'),
};

/** Photographs without which nobody reports that a full search found nothing. */
export function photographsNeeded({ fullSearchNeeds }: Pick<PolicyTerms, 'fullSearchNeeds'>): number {
  return fullSearchNeeds?.photographs ?? 0;
}

/** Another purpose counts as more: the readers were told of the one before. */
function showsMoreOfPersons(before: PersonFigures | undefined, after: PersonFigures | undefined): boolean {
  if (after === undefined) return false;
  if (before === undefined || before.purpose !== after.purpose) return true;
  return after.days > before.days || after.roles.some((role) => !before.roles.includes(role));
}

/** The fields by which the terms become looser; a change of these takes two persons. */
export function loosenedFields(before: PolicyTerms, after: PolicyTerms): readonly string[] {
  return Object.entries(loosens).flatMap(([name, isLooser]) => (isLooser(before, after) ? [name] : []));
}
