import Type from 'typebox';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { closed } from '../../http/schemas/requests.ts';
import { DaysQuery, DEFAULT_DAYS } from './days.ts';
import { type CompareVendorsDeps, compareVendors } from './vendors.ts';

const Count = Type.Integer({ minimum: 0 });
const Part = Type.Optional(Type.Number({ minimum: 0, maximum: 1 }));
const Share = Type.Object(
  { count: Count, of: Count, value: Part, low: Part, high: Part },
  { ...closed, description: 'With the 95 % Wilson interval; absent if nothing was counted' },
);

const byFinding = <Said extends Record<string, typeof Share>>(said: Said) => ({
  verdicts: Type.Array(Type.Object({ verdict: Type.Enum(['suspect', 'normal']), ...said }, closed)),
  outcomes: Type.Array(Type.Object({ outcome: Type.Enum(['found', 'nothing-found']), ...said }, closed)),
});

const BesideModel = Type.Object(
  {
    model: Type.String({ description: 'id@version' }),
    bothAlarm: Count,
    vendorOnly: Count,
    modelOnly: Count,
    neither: Count,
    agreement: Share,
    ...byFinding({ vendor: Share, model: Share }),
  },
  { ...closed, description: 'Of the scans with a decision of the algorithm and an analysis by the model' },
);

const VendorFigures = Type.Object(
  {
    algorithm: Type.String({ description: 'As named in its reports' }),
    scans: { ...Count, description: 'Scans with a report of the algorithm' },
    undecided: { ...Count, description: 'Of these, with neither ALARM nor CLEAR; not counted elsewhere' },
    alarms: Share,
    ...byFinding({ alarms: Share }),
    models: Type.Array(BesideModel),
  },
  closed,
);

/** How algorithms of vendors do; they score nothing here. */
export const vendorRoutes = [
  route({
    id: 'compareVendors',
    method: 'GET',
    url: '/v1/vendor-algorithms',
    tag: 'rules',
    right: 'compare models',
    summary: 'Compare the alarms of vendor algorithms with our models, verdicts and search outcomes',
    schema: {
      querystring: DaysQuery,
      response: { 200: Type.Object({ items: Type.Array(VendorFigures) }, closed) },
    },
    handler: (deps: CompareVendorsDeps) => async (request) => {
      const found = await compareVendors(deps, actorOf(request), request.query.days ?? DEFAULT_DAYS);
      return {
        items: found.map(({ models, verdicts, outcomes, ...figures }) => ({
          ...figures,
          verdicts: [...verdicts],
          outcomes: [...outcomes],
          models: models.map((one) => ({
            ...one,
            verdicts: [...one.verdicts],
            outcomes: [...one.outcomes],
          })),
        })),
      };
    },
  }),
];
