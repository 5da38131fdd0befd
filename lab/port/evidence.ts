/** Whether what an officer names exists, and is of the vehicle that truly passed (principle 7). */
import { isObject } from '../http-fuzz/json.ts';
import type { PlannedVehicle } from './plan.ts';
import type { Taken } from './taken.ts';
import type { World } from './world.ts';

/** Declarations that the service took, by reference. */
const isDeclared = ({ declared }: World, reference: unknown, vehicle: PlannedVehicle): boolean =>
  reference === vehicle.declaration && declared.has(vehicle.declaration);

function isLaterPassage(world: World, given: unknown, record: string, vehicle: PlannedVehicle): boolean {
  if (!isObject(given) || given.kind !== 'passed-again') return false;
  const passages = world.sent.flatMap(({ file }) => (file.kind === 'portal' ? [file] : []));
  const own = passages.find((file) => file.record === record);
  const again = passages.find((file) => file.record === world.records.get(String(given.scanId)));
  if (own === undefined || again === undefined) return false;
  return again.of === vehicle.id && again.measured && again.passedAt > own.passedAt;
}

/** Every officer can refer to an inspection that took place. */
const isShownBefore = ({ events }: World, record: string, decision: unknown): boolean =>
  events.some(
    (event) =>
      event.kind === 'alarm-judged' &&
      event.record === record &&
      event.evidenceHolds &&
      event.word === decision,
  );

export function evidenceHolds({ world, request, body }: Taken, record: string): boolean {
  const sent = world.sent.find(({ file }) => file.kind === 'portal' && file.record === record);
  const vehicle = world.vehicle(sent?.file.of);
  const isInspected = request.isTrue === true || isShownBefore(world, record, body.decision);
  if (vehicle === undefined) return isInspected;
  switch (body.decision) {
    case 'innocent':
      return isInnocent(world, body, vehicle, isInspected);
    case 'tamper-or-fault':
      return isInspected || isLaterPassage(world, body.newMeasurement, record, vehicle);
    default:
      return isInspected;
  }
}

function isInnocent(
  world: World,
  body: Taken['body'],
  vehicle: PlannedVehicle,
  isInspected: boolean,
): boolean {
  if (body.basis === 'declared-source') return isDeclared(world, body.reference, vehicle);
  if (body.basis === 'norm')
    return world.declared.has(vehicle.declaration) && body.goodsHs === vehicle.goodsHs;
  return isInspected;
}
