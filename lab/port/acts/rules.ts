/** What administrators decide, and what is known of persons. */
import { isObject, listAt, objectAt } from '../../http-fuzz/json.ts';
import type { Request } from '../world.ts';
import { casesIn, confirmAsRead, type Maker, post, putAsRead, type Scene } from './scene.ts';

const administrators = ['administrator'] as const;

const changes: readonly ((scene: Scene, terms: object) => object)[] = [
  ({ chance }, terms) => ({ ...terms, alarmWindowMinutes: chance.oneOf([5, 10, 45, 240]) }),
  (_, terms) => ({ ...terms, zone: 'Asia/Tokyo' }),
  ({ chance }, terms) => ({ ...terms, undoWindowSeconds: chance.oneOf([0, 10, 60]) }),
  ({ vehicle }, terms) => ({
    ...terms,
    windows: [
      {
        portal: { lane: `lane-${vehicle.lane}` },
        ...{ scanner: `fake.scanner-${vehicle.lane}`, fromSeconds: -60, toSeconds: 300 },
      },
    ],
  }),
  (_, terms) => ({ ...terms, mode: 'parallel' }),
  (_, terms) => ({ ...terms, mode: 'live' }),
];

function changeSite(scene: Scene): Promise<Request | undefined> {
  const { chance, vehicle } = scene;
  const change = chance.oneOf(changes);
  return putAsRead(scene, 'putSite', `/v1/sites/${vehicle.site}`, (json) =>
    change(scene, objectAt(json, 'terms')),
  );
}

function changePolicy(scene: Scene): Promise<Request | undefined> {
  const { chance } = scene;
  const change = chance.oneOf([
    { alarmWindowMinutes: chance.oneOf([5, 45, 120]) },
    { secondOpinionOn: chance.oneOf([[], ['normal'], ['inconclusive', 'suspect']]) },
    { radiationWindowSeconds: chance.oneOf([10, 120, 600]) },
    { disagreement: chance.oneOf(['third-reader', 'supervisor']) },
    { instructionMinutes: chance.oneOf([1, 15]) },
    { secondOpinionShare: chance.oneOf([0, 1]) },
  ]);
  return putAsRead(scene, 'putPolicy', '/v1/policy', (json) => ({ ...objectAt(json, 'terms'), ...change }));
}

const confirm = (operation: string, urlOf: (scene: Scene) => string) => (scene: Scene) =>
  confirmAsRead(scene, operation, urlOf(scene));

const scannerUrl = ({ vehicle }: Scene) => `/v1/scanners/${vehicle.site}`;

async function someScanner({ world, chance, vehicle }: Scene): Promise<string | undefined> {
  const { json } = await world.get('administrator', '/v1/scanners');
  const own = listAt(json, 'items').filter((one) => isObject(one) && one.site === vehicle.site);
  const found = chance.maybeOf(own);
  return isObject(found) ? String(found.id) : undefined;
}

async function registerScanner(scene: Scene): Promise<Request | undefined> {
  const { chance } = scene;
  const id = (await someScanner(scene)) ?? `fake.scanner-${scene.vehicle.lane}`;
  const terms = chance.oneOf([
    { sendersAllowed: [] },
    { sendersAllowed: [], clockOffsetSeconds: chance.oneOf([7200, -3600, 0]) },
    { sendersAllowed: [], zone: 'Asia/Tokyo' },
  ]);
  return putAsRead(scene, 'registerScanner', `${scannerUrl(scene)}/${id}`, () => terms);
}

async function acknowledgeScanner(scene: Scene): Promise<Request | undefined> {
  const url = `${scannerUrl(scene)}/fake.scanner-${scene.vehicle.lane}/acknowledge`;
  return post(scene, 'acknowledgeScanner', url, { why: 'seen' });
}

/** Another administrator of the same service, or a colluder under a new name. */
const createPerson = (scene: Scene): Request =>
  post(scene, 'createPerson', '/v1/persons', { name: `new ${scene.chance.below(1000)}` });

async function linkPerson(scene: Scene): Promise<Request | undefined> {
  const { world, chance } = scene;
  const person = chance.maybeOf(world.cast.filter(({ servicePerson }) => servicePerson !== undefined));
  if (person === undefined) return undefined;
  return putAsRead(scene, 'linkPerson', `/v1/persons/${person.servicePerson}`, () => ({ name: person.id }));
}

function declareConflict(scene: Scene): Request {
  const [container] = scene.vehicle.named.containers;
  const payload = { about: 'container', value: container, why: 'my cousin' };
  return post(scene, 'declareConflict', '/v1/conflicts', payload);
}

function setConflict(scene: Scene): Request | undefined {
  const { world, chance, vehicle } = scene;
  const person = chance.maybeOf(world.members('analyst'));
  const payload = { about: 'container', value: vehicle.named.containers[0], why: 'a cousin' };
  return person && post(scene, 'setConflict', `/v1/persons/${person.servicePerson}/conflicts`, payload);
}

function settleConflict(scene: Scene): Request | undefined {
  const { world, chance } = scene;
  const person = chance.maybeOf([...world.conflicted]);
  if (person === undefined) return undefined;
  const state = chance.oneOf(['in-force', 'ended']);
  return post(scene, 'settleConflict', `/v1/persons/${person}/conflicts/1`, { state });
}

/** What another station says of the same vehicles, where a site is in parallel mode. */
async function sendStationDecisions(scene: Scene): Promise<Request | undefined> {
  const { vehicle, by } = scene;
  if ((await casesIn(scene)).length === 0) return undefined;
  const payload = Buffer.from(
    `container,decision,at\n${vehicle.named.containers[0]},normal,${scene.world.iso(scene.world.now)}\n`,
  );
  const url = `/v1/sites/${vehicle.site}/station-decisions`;
  return {
    operation: 'sendStationDecisions',
    by,
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'text/csv' },
  };
}

export const ruleMakers: readonly Maker[] = [
  { operation: 'putSite', roles: administrators, weight: 3, make: changeSite },
  {
    operation: 'confirmSite',
    roles: administrators,
    weight: 2,
    make: confirm('confirmSite', ({ vehicle }) => `/v1/sites/${vehicle.site}`),
  },
  { operation: 'putPolicy', roles: administrators, weight: 2, make: changePolicy },
  {
    operation: 'confirmPolicy',
    roles: administrators,
    weight: 2,
    make: confirm('confirmPolicy', () => '/v1/policy'),
  },
  { operation: 'registerScanner', roles: administrators, weight: 3, make: registerScanner },
  {
    operation: 'confirmScanner',
    roles: administrators,
    weight: 2,
    make: async (scene) => {
      const scanner = await someScanner(scene);
      return scanner === undefined
        ? undefined
        : confirmAsRead(scene, 'confirmScanner', `${scannerUrl(scene)}/${scanner}`);
    },
  },
  { operation: 'acknowledgeScanner', roles: administrators, weight: 1, make: acknowledgeScanner },
  { operation: 'createPerson', roles: administrators, weight: 1, make: createPerson },
  { operation: 'linkPerson', roles: administrators, weight: 1, make: linkPerson },
  { operation: 'declareConflict', roles: ['analyst', 'supervisor'], weight: 1, make: declareConflict },
  { operation: 'setConflict', roles: ['supervisor'], weight: 1, make: setConflict },
  { operation: 'settleConflict', roles: ['supervisor'], weight: 1, make: settleConflict },
  {
    operation: 'sendStationDecisions',
    roles: ['supervisor', 'administrator'],
    weight: 1,
    make: sendStationDecisions,
  },
];
