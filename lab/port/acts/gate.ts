/** Vehicles that are expected, and scans that nobody can read. */
import { marksOfTerms, nameOf } from '../../../src/core/rules/check-in.ts';
import type { Mark } from '../../../src/core/rules/vehicle-hold.ts';
import { isObject, listAt, objectAt } from '../../http-fuzz/json.ts';
import type { Request } from '../world.ts';
import { confirmAsRead, type Maker, post, putAsRead, type Scene } from './scene.ts';

const machines = ['lane'] as const;
const people = ['supervisor', 'radiation-officer', 'administrator'] as const;

const controlSets = [['portal', 'image'], ['portal'], ['image']] as const;

/** Most name the vehicle as it is. Who states the same id again may state less. */
function expectVehicle(scene: Scene): Request {
  const { chance, vehicle, world } = scene;
  const { containers, visit } = vehicle.named;
  const checkIn = {
    id: `${vehicle.declaration}-${chance.below(2)}`,
    containers: chance.oneIn(8) ? [] : containers,
    ...(visit === undefined || chance.oneIn(3) ? {} : { visit }),
    expectedAt: world.iso(world.now + chance.between(-1800, 3600)),
    controls: chance.oneOf(controlSets),
    ...(chance.oneIn(12) ? { cancelled: true } : {}),
  };
  return post(scene, 'sendCheckIns', `/v1/sites/${vehicle.site}/check-ins`, { checkIns: [checkIn] });
}

/** The same as a file, of which the gate's own system may send one for each vehicle. */
function expectByFile(scene: Scene): Request {
  const { chance, vehicle, world } = scene;
  const { containers, visit = '' } = vehicle.named;
  const expectedAt = world.iso(world.now + chance.between(-1800, 3600));
  const controls = chance.oneOf(controlSets).join('|');
  const line = [
    `${vehicle.declaration}-${chance.below(2)}`,
    containers.join('|'),
    visit,
    expectedAt,
    controls,
  ];
  const file = `id,containers,visit,expectedAt,controls\n${line.join(',')}\n`;
  const url = `/v1/sites/${vehicle.site}/check-in-files`;
  return {
    ...post(scene, 'sendCheckInFile', url, Buffer.from(file)),
    headers: { 'content-type': 'text/csv' },
  };
}

/** Of the vehicle, in the list of what is expected. */
async function someCheckIn({ world, chance, vehicle }: Scene): Promise<string | undefined> {
  const { json } = await world.get('administrator', '/v1/check-ins');
  const own = listAt(json, 'items').filter(
    (one) => isObject(one) && String(one.id).startsWith(vehicle.declaration),
  );
  const found = chance.maybeOf(own);
  return isObject(found) ? String(found.checkInId) : undefined;
}

async function correctCheckIn(scene: Scene): Promise<Request | undefined> {
  const id = await someCheckIn(scene);
  if (id === undefined) return undefined;
  return putAsRead(scene, 'putCheckIn', `/v1/check-ins/${id}`, (json) => ({
    ...objectAt(json, 'terms'),
    controls: scene.chance.oneOf([[], ...controlSets]),
  }));
}

async function confirmCheckIn(scene: Scene): Promise<Request | undefined> {
  const id = await someCheckIn(scene);
  if (id === undefined) return undefined;
  const url = `/v1/check-ins/${id}`;
  const { json, headers } = await scene.world.get('administrator', url);
  if (!isObject(json) || json.waits === undefined) return undefined;
  const confirmation = post(scene, 'confirmCheckIn', `${url}/confirmation`);
  return { ...confirmation, headers: { 'if-match': headers.etag ?? '' } };
}

/** Most often one that failed. */
async function setAside(scene: Scene): Promise<Request | undefined> {
  const { world, chance, vehicle } = scene;
  const broken = world.sent.filter(
    ({ file }) => file.kind === 'scan' && !file.readable && file.of === vehicle.id,
  );
  const scanId = chance.oneIn(6) ? chance.maybeOf(world.scansOf(vehicle.id)) : chance.maybeOf(broken)?.scanId;
  if (scanId === undefined) return undefined;
  const terms = { isSetAside: !chance.oneIn(5), reason: 'it was scanned again' };
  return putAsRead(scene, 'putSetAside', `/v1/scans/${scanId}/set-aside`, () => terms);
}

async function confirmSetAside(scene: Scene): Promise<Request | undefined> {
  const scanId = scene.chance.maybeOf(scene.world.scansOf(scene.vehicle.id));
  if (scanId === undefined) return undefined;
  return confirmAsRead(scene, 'confirmSetAside', `/v1/scans/${scanId}/set-aside`);
}

/** What the vehicle truly carries; of one who colludes also what another one carries. */
async function correctMarks(scene: Scene): Promise<Request | undefined> {
  const { world, chance, vehicle, by } = scene;
  const scanId = chance.maybeOf(world.scansOf(vehicle.id));
  if (scanId === undefined) return undefined;
  const { named } = by.colludes && chance.oneIn(2) ? chance.oneOf(world.plan.vehicles) : vehicle;
  const marks = [...marksOfTerms(named)];
  return putAsRead(scene, 'putScanMarks', `/v1/scans/${scanId}/marks`, () => ({ marks, reason: 'as read' }));
}

/** Who does not collude looks at the vehicle first. */
async function confirmMarks(scene: Scene): Promise<Request | undefined> {
  const { world, chance, vehicle, by } = scene;
  const scanId = chance.maybeOf(world.scansOf(vehicle.id));
  if (scanId === undefined) return undefined;
  const url = `/v1/scans/${scanId}/marks`;
  const { json } = await world.get('administrator', url);
  const own = new Set(marksOfTerms(vehicle.named).map(nameOf));
  const marks = listAt(objectAt(objectAt(json, 'proposal'), 'terms'), 'marks');
  const isTrue = marks.every((mark) => own.has(nameOf(objectAt({ mark }, 'mark') as Mark)));
  return isTrue || by.colludes ? confirmAsRead(scene, 'confirmScanMarks', url) : undefined;
}

export const gateMakers: readonly Maker[] = [
  { operation: 'sendCheckIns', roles: machines, weight: 2, make: expectVehicle },
  { operation: 'sendCheckInFile', roles: machines, weight: 1, make: expectByFile },
  { operation: 'putCheckIn', roles: people, weight: 1, make: correctCheckIn },
  { operation: 'confirmCheckIn', roles: people, weight: 2, make: confirmCheckIn },
  { operation: 'putSetAside', roles: ['supervisor', 'administrator'], weight: 2, make: setAside },
  { operation: 'confirmSetAside', roles: ['supervisor', 'administrator'], weight: 2, make: confirmSetAside },
  { operation: 'putScanMarks', roles: ['supervisor', 'administrator'], weight: 2, make: correctMarks },
  { operation: 'confirmScanMarks', roles: ['supervisor', 'administrator'], weight: 2, make: confirmMarks },
];
