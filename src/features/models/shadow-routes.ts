import Type from 'typebox';
import { OutcomeKind, VerdictKind } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import { ModelId, ModelVersion } from '../../core/rules/model-choice.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { closed } from '../../http/schemas/requests.ts';
import type { Viewing } from '../../queries/read.ts';
import { DaysQuery, DEFAULT_DAYS, type WatchModelsDeps, watchModels } from './days.ts';
import { compareShadow } from './shadow.ts';

const Count = Type.Integer({ minimum: 0 });
const ShareValue = Type.Number({ minimum: 0, maximum: 1 });
const Share = Type.Optional(ShareValue);
const Score = Type.Optional(Type.Number());

const Side = Type.Object(
  {
    analysed: { ...Count, description: 'Scans that it analysed' },
    alarmRate: Type.Optional({ ...ShareValue, description: 'Share with an alarm' }),
    scores: Type.Object(
      { p10: Score, p50: Score, p90: Score, p99: Score },
      { ...closed, description: 'Quantiles of the highest score of each scan' },
    ),
  },
  closed,
);

const Percentile = Type.Number({
  minimum: 0,
  maximum: 100,
  description:
    'Of the highest score, among the scores that this version gave to scans of the same scanner and purpose on which both looked. With fewer than 50 of these: as stored with the analysis',
});
const seenByBoth = {
  scanId: Type.String(),
  revision: Type.Integer({ minimum: 1 }),
  activeScore: Type.Number(),
  shadowScore: Type.Number(),
  activePercentile: Percentile,
  shadowPercentile: Percentile,
  verdict: Type.Optional(VerdictKind),
  outcome: Type.Optional(OutcomeKind),
};

const alarms = { scans: Count, active: Count, shadow: Count };

const Comparison = Type.Object(
  {
    scans: { ...Count, description: 'The newest that the shadow version analysed, at most 5,000' },
    active: Side,
    shadow: Side,
    both: Type.Object(
      {
        scans: Count,
        bothAlarm: Count,
        activeOnly: Count,
        shadowOnly: Count,
        neither: Count,
        agreement: Share,
      },
      { ...closed, description: 'Of the scans that both analysed' },
    ),
    verdicts: Type.Array(Type.Object({ verdict: VerdictKind, ...alarms }, closed)),
    outcomes: Type.Array(Type.Object({ outcome: OutcomeKind, ...alarms }, closed)),
    disagreements: Type.Array(
      Type.Object(
        {
          ...seenByBoth,
          alarm: Type.Enum(['active', 'shadow'], { description: 'The one of the two that raised an alarm' }),
        },
        closed,
      ),
      { description: 'The newest first, at most 200' },
    ),
    furthestApart: Type.Array(
      Type.Object(
        {
          ...seenByBoth,
          alarm: Type.Enum(['both', 'active', 'shadow', 'neither'], {
            description: 'The one that raised an alarm',
          }),
        },
        closed,
      ),
      {
        description:
          'The scans whose percentiles differ most, the widest gap first, 20 at most. With fewer than 50 scans of a scanner and purpose on which both looked, those are left out whose active percentile counts scans of the scanner',
      },
    ),
  },
  closed,
);

const Day = Type.Object(
  {
    site: Type.String(),
    scanner: Type.String(),
    day: Type.String({ description: 'UTC, such as 2026-11-28' }),
    model: Type.Optional(Type.String({ description: 'id@version; absent for scans without an analysis' })),
    scans: Count,
    openBeam: Type.Optional(
      Type.Number({
        description: 'Median open beam of the first channel, in counts, if files state it',
      }),
    ),
    darkLines: { ...Count, description: 'Median of the lines without signal in the first channel' },
    darkLinesMost: Count,
    analysed: Count,
    alarms: Count,
    targetRate: Type.Optional({
      ...ShareValue,
      description: "Share of the package's reference scans with an alarm",
    }),
    scores: Type.Optional(
      Type.Array(Type.Number(), {
        description: 'Quantiles of the highest score of each scan: 10, 50, 90, 99 %',
      }),
    ),
  },
  closed,
);

const Params = Type.Object({
  model: { ...ModelId, description: 'Id of the model, as in /v1/models' },
  version: { ...ModelVersion, description: 'The shadow version' },
});

/** What a version in shadow said; no route of cases or scans shows it. */
export const shadowRoutes = [
  route({
    id: 'watchModels',
    method: 'GET',
    url: '/v1/model-days',
    tag: 'rules',
    right: 'compare models',
    summary:
      'List figures by scanner, day and model: open beam, dark lines, quantiles of scores, measured and expected alarm rates',
    schema: { querystring: DaysQuery, response: { 200: Type.Object({ items: Type.Array(Day) }, closed) } },
    handler: (deps: WatchModelsDeps) => async (request) => {
      const days = await watchModels(deps, actorOf(request), request.query.days ?? DEFAULT_DAYS);
      return {
        items: days.map(({ scores, ...day }) => ({ ...day, ...defined({ scores: scores && [...scores] }) })),
      };
    },
  }),
  route({
    id: 'compareShadow',
    method: 'GET',
    url: '/v1/models/:model/shadow/:version',
    tag: 'rules',
    right: 'compare models',
    summary: 'Compare a shadow version with the active one: counts and disagreements',
    schema: { params: Params, response: { 200: Comparison } },
    handler: (deps: Viewing<Tx<'shadowPairs'>>) => async (request) => {
      const { verdicts, outcomes, disagreements, furthestApart, ...more } = await compareShadow(
        deps,
        actorOf(request),
        request.params.model,
        request.params.version,
      );
      return {
        ...more,
        verdicts: [...verdicts],
        outcomes: [...outcomes],
        disagreements: [...disagreements],
        furthestApart: [...furthestApart],
      };
    },
  }),
];
