/** Vehicles that people hold by hand, and let go. */
import { isObject, objectAt } from '../../http-fuzz/json.ts';
import type { Request } from '../world.ts';
import { confirmAsRead, type Maker, putAsRead, type Scene } from './scene.ts';

const people = ['supervisor', 'radiation-officer', 'administrator'] as const;

function urlOf({ vehicle, chance }: Scene): string {
  const { containers, visit } = vehicle.named;
  const marks = [
    ...containers.map((mark) => `container/${mark}`),
    ...(visit === undefined ? [] : [`visit/${visit}`]),
  ];
  return `/v1/sites/${vehicle.site}/vehicle-holds/${chance.oneOf(marks)}`;
}

/** Most hold until somebody lets go, some for hours. Who holds a vehicle that is held may mean to let it go sooner. */
function hold(scene: Scene): Promise<Request | undefined> {
  const { chance, world } = scene;
  const hours = chance.oneOf([1, 6]);
  const until = chance.oneIn(3) ? { until: world.iso(world.now + hours * 3600) } : {};
  const terms = { isHeld: true, reason: 'the neighbour asks for it', ...until };
  return putAsRead(scene, 'putVehicleHold', urlOf(scene), () => terms);
}

async function letGo(scene: Scene): Promise<Request | undefined> {
  const url = urlOf(scene);
  const { json } = await scene.world.get('administrator', url);
  if (!isObject(json) || objectAt(json, 'terms').isHeld !== true) return undefined;
  return putAsRead(scene, 'putVehicleHold', url, () => ({ isHeld: false, reason: 'the neighbour has it' }));
}

export const handHoldMakers: readonly Maker[] = [
  { operation: 'putVehicleHold', roles: people, weight: 3, make: hold },
  { operation: 'putVehicleHold', roles: people, weight: 3, make: letGo },
  {
    operation: 'confirmVehicleHold',
    roles: people,
    weight: 4,
    make: (scene) => confirmAsRead(scene, 'confirmVehicleHold', urlOf(scene)),
  },
];
