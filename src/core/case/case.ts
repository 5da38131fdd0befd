import Type, { type Static } from 'typebox';
import { ControlWhen } from '../rules/controls.ts';
import { Advice } from './advice.ts';
import { CaseState } from './case-states.ts';
import { AnomalyPercentile } from './finding.ts';
import { LaneReason } from './lane.ts';
import { PhotographId, photographLimits } from './photograph.ts';
import { Regions } from './region.ts';

export const VerdictKind = Type.Enum(['normal', 'suspect', 'inconclusive', 'scan-again']);
export type VerdictKind = Static<typeof VerdictKind>;

/** What may be one: which are offered is in the list of the administration. */
export const ReasonCode = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,47}$',
  description: 'Code of a reason, as in GET /v1/reasons',
});
export type ReasonCode = Static<typeof ReasonCode>;

const Note = Type.String({ maxLength: 4096 });

/** Tools of a workstation. */
const ReadingTool = Type.Enum([
  'window',
  'curve',
  'invert',
  'colours',
  'enhancement',
  'material',
  'channel',
  'turn',
  'zoom',
  'measure',
  'compare',
  'loupe',
  'as-measured',
]);

/** How the image was looked at, as the workstation says. */
export const Reading = Type.Object(
  {
    findings: Type.Enum(['shown', 'not-shown', 'none'], {
      description: 'Whether findings of models were shown before the verdict; none: no model marked anything',
    }),
    tools: Type.Array(ReadingTool, { maxItems: 32, uniqueItems: true, description: 'Tools that were used' }),
    seconds: Type.Number({ minimum: 0, description: 'Time with the picture on the screen' }),
  },
  { additionalProperties: false },
);
export type Reading = Static<typeof Reading>;

export const Verdict = Type.Object(
  {
    kind: VerdictKind,
    reason: ReasonCode,
    reasonLabel: Type.Optional(
      Type.String({
        maxLength: 120,
        description: 'Label of the reason at that time, in the language of the site, if it is set',
      }),
    ),
    note: Type.Optional(Note),
    regions: Type.Optional(Regions),
    reading: Type.Optional(Reading),
    analyst: Type.String(),
    at: Type.String({ format: 'date-time' }),
    revision: Type.Integer({ minimum: 1, description: 'Revision that the analyst saw' }),
    chosen: Type.Optional(
      Type.Literal(true, { description: 'By somebody who had chosen the case, and did not get it by turn' }),
    ),
    settles: Type.Optional(
      Type.Literal(true, { description: 'By a supervisor, because readings disagreed or were inconclusive' }),
    ),
  },
  { additionalProperties: false },
);
export type Verdict = Static<typeof Verdict>;

export const OutcomeKind = Type.Enum(['found', 'nothing-found', 'unsearched']);
export type OutcomeKind = Static<typeof OutcomeKind>;

export const SearchOutcome = Type.Object(
  {
    kind: OutcomeKind,
    what: Type.Optional(Note),
    where: Type.Optional(Note),
    method: Type.Optional(Type.Enum(['opened', 'partly-unloaded', 'unloaded', 'dog', 'trace', 'other'])),
    extent: Type.Optional(Type.Enum(['spot', 'part', 'full'])),
    note: Type.Optional(Note),
  },
  { additionalProperties: false },
);
export type SearchOutcome = Static<typeof SearchOutcome>;

/** The same with the photographs that were there when it was recorded. */
export const RecordedOutcome = Type.Object(
  {
    ...SearchOutcome.properties,
    photographs: Type.Optional(
      Type.Array(PhotographId, {
        maxItems: photographLimits.ofCase,
        description: 'Photographs of this search, in the order in which they were added',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RecordedOutcome = Static<typeof RecordedOutcome>;

export const CaseEvent = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: 'date-time' }),
    actor: Type.String({ description: 'Id of a person, of the key of a machine, or system' }),
    kind: Type.Enum([
      'opened',
      'analysed',
      'revised',
      'risk-changed',
      'claimed',
      'released',
      'renewed',
      'lease-over',
      'decided',
      'verdict-taken-back',
      'verdict-stands',
      'second-opinion-due',
      'disputed',
      'settled',
      'referred',
      'outcome',
      'accepted',
      'closed',
      'customs-release',
      'released-while-open',
      'release-reviewed',
      'scan-again-linked',
      'reopened',
      'not-shown',
      'escalated',
      'danger-raised',
      'danger-acknowledged',
      'danger-escalated',
      'advice-asked',
      'advice-joined',
      'advice-given',
    ]),
    detail: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
);
export type CaseEvent = Static<typeof CaseEvent>;

export const QueueReason = Type.Object(
  {
    code: Type.Enum([
      'model',
      'risk',
      'declaration',
      'not-analysed',
      'completeness',
      'waiting',
      'second-opinion',
      'reopened',
    ]),
    text: Type.String(),
    headStartMinutes: Type.Number({ description: 'How far ahead of its arrival time this puts the case' }),
  },
  { additionalProperties: false },
);
export type QueueReason = Static<typeof QueueReason>;

/** Highest first: a case is drawn from the first band that has any. */
export const QueueBand = Type.Enum(['high', 'raised', 'routine']);
export type QueueBand = Static<typeof QueueBand>;

/** Customs released the goods, and something of them was open: an alarm, until a supervisor has reviewed it. */
export const ReleasedWhileOpen = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    reference: Type.Optional(Type.String({ description: 'Reference of the release in the customs system' })),
    open: Type.Array(
      Type.Object(
        { code: LaneReason, holdId: Type.Optional(Type.String()) },
        { additionalProperties: false, description: 'Rows of the table of instructions that applied' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type ReleasedWhileOpen = Static<typeof ReleasedWhileOpen>;

/** A person in the vehicle, or in danger: an alarm until somebody acknowledges it. */
export const Danger = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    by: Type.String({ description: 'Id of the person who raised it' }),
    note: Type.Optional(Note),
    dueAt: Type.String({ format: 'date-time', description: 'Time by which someone must acknowledge it' }),
    escalatedAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'It was not acknowledged in time' }),
    ),
    acknowledged: Type.Optional(
      Type.Object(
        { at: Type.String({ format: 'date-time' }), by: Type.String(), words: Note },
        { additionalProperties: false, description: 'Who handled it, and how' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Danger = Static<typeof Danger>;

/** One inspection unit before the analysts. */
export const Case = Type.Object(
  {
    id: Type.String(),
    administration: Type.String(),
    site: Type.String(),
    scanId: Type.String(),
    unitId: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    state: CaseState,
    container: Type.Optional(Type.String()),
    openedAt: Type.String({ format: 'date-time' }),
    dueAt: Type.String({ format: 'date-time' }),
    anomalyPercentile: Type.Optional(AnomalyPercentile),
    model: Type.Optional(Type.String({ description: 'id@version of the model with the anomaly percentile' })),
    declaredRisk: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    declarations: Type.Optional(
      Type.Array(Type.String(), {
        description: 'References of the declarations that joined by container and time',
      }),
    ),
    controls: Type.Optional(
      Type.Array(ControlWhen, {
        description:
          'Conditions of `controls` of the policy that were true of it. Another declaration does not take it out of them',
      }),
    ),
    reasons: Type.Array(QueueReason),
    band: QueueBand,
    priority: Type.Number({
      description: 'Seconds; the queue is in rising order. It does not depend on the present time',
    }),
    claim: Type.Optional(
      Type.Object(
        {
          analyst: Type.String(),
          until: Type.String({ format: 'date-time' }),
          revision: Type.Integer({
            minimum: 1,
            description: 'Revision of the scan when the case was claimed: the verdict is about this revision',
          }),
          chosen: Type.Optional(
            Type.Literal(true, { description: 'They chose this case, and did not get it by turn' }),
          ),
          advice: Type.Optional(Advice),
        },
        { additionalProperties: false },
      ),
    ),
    verdicts: Type.Array(Verdict),
    undoWindow: Type.Optional(
      Type.Object(
        { until: Type.String({ format: 'date-time' }) },
        {
          additionalProperties: false,
          description:
            'The person who gave the last verdict can take it back until this time; the lane does not get proceed before',
        },
      ),
    ),
    outcome: Type.Optional(RecordedOutcome),
    acceptance: Type.Optional(
      Type.Object(
        { by: Type.String(), at: Type.String({ format: 'date-time' }), why: Note },
        {
          additionalProperties: false,
          description:
            'By a supervisor: a partial search is sufficient, or what was found is seized and the vehicle may go',
        },
      ),
    ),
    find: Type.Optional(
      Type.Object(
        { by: Type.String(), at: Type.String({ format: 'date-time' }) },
        {
          additionalProperties: false,
          description:
            'A search found something before the case was reopened; it holds until a supervisor releases the vehicle',
        },
      ),
    ),
    owedSearch: Type.Optional(
      Type.Object(
        { by: Type.String(), at: Type.String({ format: 'date-time' }) },
        {
          additionalProperties: false,
          description:
            'A search was reported as partial or not carried out before the case was reopened; it holds until a search is complete',
        },
      ),
    ),
    releasedAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'Release by customs, as reported to this service' }),
    ),
    releasedWhileOpen: Type.Optional(ReleasedWhileOpen),
    danger: Type.Optional(Danger),
    linkedScan: Type.Optional(Type.String()),
    escalatedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'It was not settled in time; a supervisor handles it',
      }),
    ),
    tag: Type.Optional(
      Type.String({
        description: 'Random, new with each change, for If-Match; it does not reveal the number of changes',
      }),
    ),
    history: Type.Array(CaseEvent),
  },
  { $id: 'https://nii-hub.org/schemas/case-1.2.json', additionalProperties: false },
);
export type Case = Static<typeof Case>;
