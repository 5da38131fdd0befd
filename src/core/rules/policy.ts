import Type, { type Static } from 'typebox';
import { VerdictKind } from '../case/case.ts';
import { photographLimits } from '../case/photograph.ts';
import { CabPolicy } from '../scan/cab.ts';
import { Purpose, purposes } from '../scan/circumstances.ts';
import { Controls } from './controls.ts';
import { ReasonList } from './reasons.ts';
import { versionProperties } from './version.ts';

/** How long a vehicle keeps what is open against it where the policy says nothing. */
export const VEHICLE_DAYS = 3;

const closed = { additionalProperties: false } as const;
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });
const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });
const headStart = (of: string) =>
  whole(0, 1440, `Minutes ahead of its arrival that ${of} is put in the queue`);

/** Roles that may be named to see figures of persons. */
const PersonFiguresRole = Type.Enum(['supervisor', 'auditor', 'administrator']);

/** Figures of single persons: none, unless an administration says for what, for whom and for how long. */
export const PersonFigures = Type.Object(
  {
    purpose: Type.String({ minLength: 1, maxLength: 500, description: 'Purpose of the figures' }),
    roles: Type.Immutable(
      Type.Array(PersonFiguresRole, {
        minItems: 1,
        maxItems: PersonFiguresRole.enum.length,
        uniqueItems: true,
        description: 'Roles that may see them',
      }),
    ),
    days: whole(1, 3660, 'Decisions that are older are not counted for single persons'),
  },
  { ...closed, description: 'Figures for individual persons; if absent, they are switched off' },
);
export type PersonFigures = Readonly<Static<typeof PersonFigures>>;

/**
 * What an administration decides about its queue and its lanes; every number that the order depends on is here. What the
 * table of instructions allows is narrower than some bounds here: see `brokenBound`.
 */
export const PolicyTerms = Type.Object(
  {
    dueMinutes: whole(1, 10_080, 'A case is due this long after its scan was received'),
    instructionMinutes: whole(
      0,
      1440,
      'An instruction to the lane is worth nothing this long after it was given',
    ),
    claimMinutes: whole(1, 1440, 'How long an analyst holds a case without deciding'),
    longestClaimMinutes: whole(1, 1440, 'However often a claim is renewed, it ends this long after it began'),
    handBacksPerDay: whole(
      0,
      1000,
      'So many cases a person may hand back in 24 hours; a supervisor takes back more',
    ),
    urgentMinutes: whole(0, 1440, 'A case that is due within this time is dealt before all others'),
    highPercentile: percent('From this percentile on a case is in the high band'),
    raisedPercentile: percent('And from this one on in the raised band'),
    highRisk: percent('From this declared risk on a case is in the high band'),
    raisedRisk: percent('And from this one on in the raised band'),
    percentileHeadStartMinutes: headStart('the most unusual case'),
    riskHeadStartMinutes: headStart('the riskiest case'),
    notAnalysedHeadStartMinutes: headStart('a case that no model could look at, and that may hide anything,'),
    incompleteHeadStartMinutes: headStart('a case whose scan is incomplete'),
    secondOpinionOn: Type.Immutable(
      Type.Array(VerdictKind, {
        maxItems: VerdictKind.enum.length,
        uniqueItems: true,
        description: 'Verdicts that always get a second reading; a unit that is scanned again never does',
      }),
    ),
    secondOpinionShare: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Share of the normal verdicts that are drawn for a second reading',
    }),
    disagreement: Type.Enum(['third-reader', 'supervisor'], {
      description: 'Next step if two readings disagree: first a third reader, or a supervisor at once',
    }),
    queuedPurposes: Type.Immutable(
      Type.Array(Purpose, {
        maxItems: purposes.length,
        uniqueItems: true,
        description: 'Purposes of scans that open cases and of radiation alarms that open holds',
      }),
    ),
    radiationWindowSeconds: whole(
      0,
      86_400,
      'A scan this long before or after an occupancy of a radiation portal is of the same vehicle, where the site says nothing else',
    ),
    alarmWindowMinutes: whole(
      0,
      1440,
      'While an alarm is not surely of one scan, those of its lane this long before and after it hold',
    ),
    alarmDueMinutes: whole(
      1,
      1440,
      'A supervisor is told of an alarm that no officer has adjudicated this long after it was opened',
    ),
    vehicleDays: Type.Optional(
      whole(
        1,
        90,
        `What is open against a vehicle holds every scan that names one of its containers this many days before and after, and this many days before the lane asks. Default: ${VEHICLE_DAYS}`,
      ),
    ),
    visitDays: Type.Optional(
      whole(
        1,
        90,
        'The same visit id is that of the same vehicle this many days before and after. If your visit ids repeat, for example daily, set it to 1. Default: vehicleDays',
      ),
    ),
    separation: Type.Optional(
      Type.Enum(['full', 'small-post'], {
        description:
          'full: who chose a case does not clear it alone, and who read it or ordered its search neither reports that nothing was found nor accepts that; small-post: one person may. Default: full',
      }),
    ),
    randomSearchShare: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Share of the cases with a normal verdict that are drawn for a full search. Default: 0',
      }),
    ),
    fullSearchNeeds: Type.Optional(
      Type.Object(
        {
          photographs: whole(
            0,
            photographLimits.ofCase,
            'So many photographs of a full search that found nothing; otherwise it cannot be reported',
          ),
        },
        { ...closed, description: 'What a full search that found nothing needs. Default: no photographs' },
      ),
    ),
    personFigures: Type.Optional(PersonFigures),
    cab: Type.Optional(CabPolicy),
    controls: Type.Optional(Controls),
    reasons: Type.Optional(ReasonList),
  },
  closed,
);
export type PolicyTerms = Readonly<Static<typeof PolicyTerms>>;

/** For how many days what is open against a vehicle holds whatever shares a visit id with it. */
export function daysOfVisit({
  vehicleDays = VEHICLE_DAYS,
  visitDays = vehicleDays,
}: Pick<PolicyTerms, 'vehicleDays' | 'visitDays'>): number {
  return visitDays;
}

/** One version of the policy of an administration. Kept as an object, so that a rebuilt database knows it. */
export const StoredPolicy = Type.Object(
  { administration: Type.String(), ...versionProperties, terms: PolicyTerms },
  closed,
);
export type StoredPolicy = Readonly<Static<typeof StoredPolicy>>;
