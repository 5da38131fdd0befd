/** Whether what an officer names exists, and is of the vehicle that truly passed (principle 7). */
import { isObject } from '../http-fuzz/json.ts';
import { toTruePersons } from './cast.ts';
import type { AlarmJoined, AlarmJudged, Event } from './history.ts';
import { independenceOf } from './oracle/people.ts';
import type { PlannedVehicle } from './plan.ts';
import type { Taken } from './taken.ts';
import type { World } from './world.ts';

export function evidenceHolds(taken: Taken, record: string, word: AlarmJudged['word']): boolean {
  const { world, request, body } = taken;
  const sent = world.sent.find(({ file }) => file.kind === 'portal' && file.record === record);
  const vehicle = world.vehicle(sent?.file.of);
  // nothing but an inspection shows the rest: it is true, or two say so, and two is as many as it may take
  const isInspected = request.isTrue === true || isSaidByAnother(taken, record, word);
  if (vehicle === undefined) return isInspected;
  if (body.basis === 'norm' || body.basis === 'declared-source')
    return vehiclesOf(taken, record, vehicle).some((one) => isDeclared(world, body, one));
  return isInspected || isLaterPassage(world, body.newMeasurement, record, vehicle);
}

const areIndependentIn = ({ plan }: World) => independenceOf(toTruePersons(plan));

/** Since it was last opened again, an independent person has said the same of it, or shown it. */
function isSaidByAnother({ world, base }: Taken, record: string, word: AlarmJudged['word']): boolean {
  const own = world.events.filter((event) => 'record' in event && event.record === record);
  const opened = own.findLastIndex(({ kind }) => kind === 'alarm-reopened');
  const areIndependent = areIndependentIn(world);
  return own
    .slice(opened + 1)
    .some(
      (event) =>
        event.kind === 'alarm-judged' &&
        event.word === word &&
        (event.evidenceHolds || areIndependent(event.by.person, base.by.person)),
    );
}

/** The vehicle that truly passed, and those of which an independent person has said that it is the one. */
function vehiclesOf(
  { world, base }: Taken,
  record: string,
  vehicle: PlannedVehicle,
): readonly PlannedVehicle[] {
  const areIndependent = areIndependentIn(world);
  const isSaid = (event: Event): boolean =>
    event.kind === 'alarm-joined' &&
    event.record === record &&
    event.joined &&
    areIndependent(event.by.person, base.by.person);
  const joined = world.events.filter((event): event is AlarmJoined => isSaid(event));
  const said = world.plan.vehicles.filter(({ id }) =>
    joined.some((event) => event.vehicle === id || world.scansOf(id).includes(event.scan ?? '')),
  );
  return [vehicle, ...said];
}

/** The service took its declaration, and the officer names what is in it. */
function isDeclared({ declared }: World, body: Taken['body'], vehicle: PlannedVehicle): boolean {
  if (!declared.has(vehicle.declaration)) return false;
  return body.basis === 'norm' ? body.goodsHs === vehicle.goodsHs : body.reference === vehicle.declaration;
}

function isLaterPassage(world: World, given: unknown, record: string, vehicle: PlannedVehicle): boolean {
  if (!isObject(given) || given.kind !== 'passed-again') return false;
  const passages = world.sent.flatMap(({ file }) => (file.kind === 'portal' ? [file] : []));
  const own = passages.find((file) => file.record === record);
  const again = passages.find((file) => file.record === world.records.get(String(given.scanId)));
  if (own === undefined || again === undefined) return false;
  const isQuiet = again.measured && again.alarms.length === 0;
  return again.of === vehicle.id && isQuiet && again.passedAt > own.passedAt;
}
