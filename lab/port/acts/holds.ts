/** What radiation officers do with alarms, in truth or to let a vehicle go. */
import { createHash } from 'node:crypto';
import { defined } from '../../../src/core/defined.ts';
import { type Hold, markOfJoin, scansOfJoin } from '../../../src/core/radiation/hold.ts';
import { marksOfTerms } from '../../../src/core/rules/check-in.ts';
import type { Mark } from '../../../src/core/rules/vehicle-hold.ts';
import type { PlannedVehicle } from '../plan.ts';
import type { Request, World } from '../world.ts';
import { type Maker, post, type Scene, someHold } from './scene.ts';

const officers = ['radiation-officer'] as const;
const why = { why: 'seen at the inspection' };

const riid = (nuclides: readonly string[]) => ({ nuclides, by: 'riid', expert: 'the laboratory' });
const inspected = { secondaryInspection: 'nothing-found', identification: riid([]) } as const;

const somePassage = ({ world, chance }: Scene) => ({
  kind: 'passed-again',
  scanId: chance.maybeOf([...world.records.keys()]),
  recordId: 'occupancy-1',
});

/** Any record of a portal, as if it were of a hand-held instrument. */
function someSpectrum({ world, chance }: Scene): object {
  const sent = chance.maybeOf(world.sent.filter(({ file }) => file.kind === 'portal'));
  if (sent === undefined) return {};
  const sha256 = createHash('sha256').update(sent.file.bytes).digest('hex');
  return { spectrum: { scanId: sent.scanId, sha256 } };
}

/** Words that end an alarm and rest on nothing. */
const lies: readonly ((scene: Scene) => object)[] = [
  () => ({ decision: 'innocent', basis: 'declared-source', reference: 'x', identification: riid(['U-235']) }),
  () => ({ decision: 'innocent', basis: 'norm', goodsHs: '0901', identification: riid(['K-40']) }),
  ({ vehicle: { goodsHs } }) => ({
    ...{ decision: 'innocent', basis: 'norm', goodsHs, identification: riid(['K-40']) },
  }),
  ({ vehicle: { declaration: reference } }) => ({
    ...{ decision: 'innocent', basis: 'declared-source', reference, identification: riid(['Cs-137']) },
  }),
  (scene) => ({
    ...{ decision: 'innocent', basis: 'medical', person: 'the driver' },
    identification: { ...riid(['I-131']), ...someSpectrum(scene) },
  }),
  () => ({ decision: 'false', ...inspected }),
  (scene) => ({ decision: 'false', ...inspected, newMeasurement: somePassage(scene) }),
  () => ({ decision: 'test-or-maintenance', by: 'the firm', source: 'Cs-137', identification: riid([]) }),
  () => ({
    ...{ decision: 'tamper-or-fault', workOrder: 'W-9', identification: riid([]) },
    newMeasurement: { kind: 'inspected', by: 'nobody', with: 'nothing' },
  }),
  (scene) => ({
    ...{ decision: 'tamper-or-fault', workOrder: 'W-9', identification: riid([]) },
    newMeasurement: somePassage(scene),
  }),
];

/** What an honest officer finds at the vehicle that truly passed. */
export function trueWords(world: World, hold: Hold, vehicle: PlannedVehicle | undefined): object {
  if (hold.notMeasured !== undefined)
    return {
      ...{ decision: 'tamper-or-fault', workOrder: 'W-1', identification: riid([]) },
      newMeasurement: { kind: 'inspected', by: 'the officer', with: 'a riid' },
    };
  const kinds = hold.alarms.map(({ category }) => category);
  if (vehicle?.load === 'source') return { decision: 'real', authority: 'Nuclear safety' };
  const isGoods = vehicle !== undefined && world.declared.has(vehicle.declaration);
  if (isGoods && kinds.every((kind) => kind === 'gamma'))
    return { decision: 'innocent', basis: 'norm', goodsHs: vehicle.goodsHs, identification: riid(['K-40']) };
  return { decision: 'false', ...inspected };
}

export function vehicleOf(world: World, hold: Hold): PlannedVehicle | undefined {
  const record = world.recordOf(hold);
  return world.vehicle(
    world.sent.find(({ file }) => file.kind === 'portal' && file.record === record)?.file.of,
  );
}

async function adjudicate(scene: Scene): Promise<Request | undefined> {
  const hold = await someHold(scene, 'open');
  if (hold === undefined) return undefined;
  const { world, chance, by } = scene;
  const url = `/v1/holds/${hold.id}/adjudication`;
  if (by.colludes || chance.oneIn(6)) return post(scene, 'adjudicateHold', url, chance.oneOf(lies)(scene));
  return {
    ...post(scene, 'adjudicateHold', url, trueWords(world, hold, vehicleOf(world, hold))),
    isTrue: true,
  };
}

async function close(scene: Scene): Promise<Request | undefined> {
  const hold = await someHold(scene, 'confirmed');
  const kind = scene.by.colludes
    ? 'released'
    : scene.chance.oneOf(['released', 'released', 'detained', 'returned']);
  return hold && post(scene, 'closeHold', `/v1/holds/${hold.id}/close`, { kind, reference: 'A-1' });
}

async function reopen(scene: Scene): Promise<Request | undefined> {
  const hold = await someHold(
    scene,
    'innocent',
    'closed',
    'false',
    'test',
    'measured-again',
    'duplicate',
    'confirmed',
  );
  return hold && post(scene, 'reopenHold', `/v1/holds/${hold.id}/reopen`, why);
}

/** Honest officers name a scan or a mark of the true vehicle, with what the alarm is joined to already; colluders name another vehicle. */
async function join(scene: Scene): Promise<Request | undefined> {
  const { world, chance, by } = scene;
  const hold = await someHold(scene, 'open', 'confirmed');
  if (hold === undefined) return undefined;
  const own = vehicleOf(world, hold)?.id;
  const wanted = world.plan.vehicles.filter(({ id }) => (id === own) !== by.colludes).map(({ id }) => id);
  const url = `/v1/holds/${hold.id}/join`;
  const before = chance.oneIn(4) ? {} : joinedByHand(hold);
  const scanId = chance.maybeOf(wanted.flatMap((id) => world.scansOf(id)));
  if (scanId !== undefined && chance.oneIn(2))
    return post(scene, 'joinHold', url, { ...before, scanId, ...why });
  const vehicle = chance.maybeOf(wanted.flatMap((id) => marksOf(world, id)));
  return vehicle && post(scene, 'joinHold', url, { ...before, vehicle, ...why });
}

function joinedByHand({ join }: Hold): object {
  const isByHand = join.kind === 'joined' && join.by === 'hand';
  return defined({ scanId: isByHand ? join.scanId : undefined, vehicle: markOfJoin(join) });
}

/** Which an officer reads off the vehicle. */
export const marksOf = (world: World, id: string): readonly Mark[] =>
  marksOfTerms(world.plan.vehicles.find((vehicle) => vehicle.id === id)?.named ?? {});

async function unjoin(scene: Scene): Promise<Request | undefined> {
  const hold = await someHold(scene, 'open', 'confirmed');
  if (hold === undefined) return undefined;
  const mark = markOfJoin(hold.join);
  const not = [
    ...scansOfJoin(hold.join).map((scanId) => ({ scanId })),
    ...(mark === undefined ? [] : [{ vehicle: mark }]),
  ];
  return post(scene, 'unjoinHold', `/v1/holds/${hold.id}/unjoin`, { ...scene.chance.maybeOf(not), ...why });
}

async function duplicate(scene: Scene): Promise<Request | undefined> {
  const hold = await someHold(scene, 'open');
  const others = (await scene.world.holds()).filter(({ id }) => id !== hold?.id);
  const possible = others.filter(({ id }) => hold?.possiblySameAs?.includes(id));
  const of = scene.chance.maybeOf(possible.length > 0 ? possible : others);
  return (
    hold && of && post(scene, 'duplicateHold', `/v1/holds/${hold.id}/duplicate-of`, { of: of.id, ...why })
  );
}

export const holdMakers: readonly Maker[] = [
  { operation: 'adjudicateHold', roles: officers, weight: 14, make: adjudicate },
  { operation: 'closeHold', roles: officers, weight: 4, make: close },
  { operation: 'reopenHold', roles: officers, weight: 2, make: reopen },
  { operation: 'joinHold', roles: officers, weight: 4, make: join },
  { operation: 'unjoinHold', roles: officers, weight: 3, make: unjoin },
  { operation: 'duplicateHold', roles: officers, weight: 3, make: duplicate },
];
