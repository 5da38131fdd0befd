import fastify, { type RouteOptions } from 'fastify';
import { beforeAll, expect, test } from 'vitest';
import { openapiDocument } from '../../../scripts/openapi-document.ts';
import type { Route } from '../../../src/http/route.ts';
import { routes } from '../../../src/http/routes/index.ts';
import { requireSafetyClasses, type Safety, statedSafety } from '../../../src/http/safety.ts';
import { readRepositoryFile, tableRows } from '../../support/markdown-table.ts';

interface Classed {
  readonly operationId: string;
  readonly summary: string;
  readonly 'x-safety'?: ReturnType<typeof statedSafety>;
}

/** Operations that change something, by method and path. */
const described = new Map<string, Classed>();
const others: Classed[] = [];

beforeAll(async () => {
  const { paths } = (await openapiDocument()) as { paths: Record<string, Record<string, Classed>> };
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      if (method === 'get' || method === 'head') others.push(operation);
      else described.set(`${method.toUpperCase()} ${path}`, operation);
    }
}, 60_000);

/** Written by hand: one person is enough for these, and they let vehicles go or choose who decides. Shorten it. */
const onePerson = [
  'beginResumable',
  'convertScanAgain',
  'createPerson',
  'handBackCase',
  'linkPerson',
  'putDeclaration',
  'rollBackModel',
  'sendResumable',
  'setConflict',
  'settleConflict',
  'storeInstances',
  'storeInstancesOfStudy',
  'takeBackVerdict',
  'uploadScans',
];

/** Written by hand: these let vehicles go, too, and take somebody else. */
const secondPerson = [
  'acceptSearch',
  'acknowledgeDanger',
  'claimCase',
  'recordOutcome',
  'adjudicateHold',
  'closeHold',
  'confirmCheckIn',
  'confirmModel',
  'confirmPolicy',
  'confirmScanner',
  'confirmServiceHold',
  'confirmScanMarks',
  'confirmSetAside',
  'confirmSite',
  'confirmVehicleHold',
  'decideCase',
  'duplicateHold',
  'endServiceHold',
  'joinHold',
  'proposeModel',
  'putPolicy',
  'putScanMarks',
  'putSetAside',
  'putSite',
  'putVehicleHold',
  'registerScanner',
  'requestOpinion',
  'settleCase',
  'unjoinHold',
];

function idsOf(has: (safety: object) => boolean): ReadonlySet<string> {
  const found = [...described.values()].filter((one) => has(one['x-safety'] ?? {}));
  return new Set(found.map(({ operationId }) => operationId));
}

test('every operation that changes something has a class, and no other has', () => {
  const unclassed = [...described].filter(([, one]) => one['x-safety'] === undefined).map(([name]) => name);
  expect(unclassed).toEqual([]);
  expect(others.filter((one) => one['x-safety'] !== undefined)).toEqual([]);
  expect(described.size).toBeGreaterThan(50);
});

test('every operation that loosens says how the second person comes in, or is listed here as the act of one', () => {
  expect(idsOf((safety) => 'onePerson' in safety)).toEqual(new Set(onePerson));
  expect(idsOf((safety) => 'secondPerson' in safety)).toEqual(new Set(secondPerson));
  expect(idsOf((safety) => 'class' in safety && safety.class === 'loosens')).toEqual(
    new Set([...onePerson, ...secondPerson]),
  );
});

test('an operation that is named as the second person’s is there, and loosens as well', () => {
  const named = [...described.values()].flatMap(({ 'x-safety': safety }) =>
    safety?.class === 'loosens' && 'secondPerson' in safety
      ? (/^(?:POST|PUT|PATCH|DELETE) [^;]+/.exec(safety.secondPerson)?.[0] ?? [])
      : [],
  );
  expect(named.length).toBeGreaterThan(4);
  for (const name of named)
    expect([name, described.get(name)?.['x-safety']?.class]).toEqual([name, 'loosens']);
});

test('the page lists every operation with its class and its second person, and no other', () => {
  const page = readRepositoryFile('docs/reference/operations-safety.md');
  const [, ...sections] = page.split(/^## /m);
  const listed = sections.flatMap((section) =>
    tableRows(section, (first) => first.startsWith('`')).map(([name = '', summary, who]) => [
      name.replaceAll('`', ''),
      section.slice(0, section.indexOf('\n')).toLowerCase(),
      summary,
      ...(who === undefined ? [] : [who]),
    ]),
  );
  const stated = [...described].map(([name, { summary, 'x-safety': safety }]) => [
    name,
    safety?.class,
    summary,
    ...(safety?.class === 'loosens'
      ? ['secondPerson' in safety ? safety.secondPerson : `One person. ${safety.onePerson}`]
      : []),
  ]);
  expect(listed).toHaveLength(stated.length);
  expect(new Set(listed)).toEqual(new Set(stated));
});

test('the document says what the routes state', () => {
  const all: readonly Route[] = routes;
  const stated = all.flatMap(({ id, safety }) => (safety === undefined ? [] : [[id, statedSafety(safety)]]));
  const inDocument = [...described.values()].map((one) => [one.operationId, one['x-safety']]);
  expect(Object.fromEntries(stated)).toEqual(Object.fromEntries(inDocument));
});

const handler = async () => 'x';

function started(route: Partial<RouteOptions>) {
  const app = fastify();
  requireSafetyClasses(app);
  app.register((plugin, _options, done) => {
    plugin.route({ method: 'POST', url: '/planted', handler, ...route });
    done();
  });
  return app.ready();
}

test('an operation without a class stops the start, and the message says what to add', async () => {
  await expect(started({})).rejects.toThrow(/POST \/planted.*Add safety/);
  await expect(started({ method: ['GET', 'DELETE'] })).rejects.toThrow(/planted/);
  await expect(started({ method: 'GET' })).resolves.toBeDefined();
});

test('a class that is none, or a loosening that says nothing of persons, stops the start as well', async () => {
  const safety = (value: unknown) => ({ config: { safety: value } as object });
  for (const wrong of ['loosens', 'safe', {}, { class: 'loosens' }, { class: 'loosens', secondPerson: ' ' }])
    await expect(started(safety(wrong)), JSON.stringify(wrong)).rejects.toThrow(/POST \/planted/);
  const right: readonly Safety[] = ['tightens', 'neutral', { class: 'loosens', onePerson: 'An officer' }];
  for (const one of right) await expect(started(safety(one))).resolves.toBeDefined();
});

test('a route of a plug-in without a class stops the start of the whole service', async () => {
  const planted = openapiDocument((app) => {
    app.route({ method: 'PUT', url: '/of-a-plug-in', handler, config: { roles: 'anyone' } as object });
  });
  await expect(planted).rejects.toThrow(/PUT \/of-a-plug-in/);
}, 60_000);
