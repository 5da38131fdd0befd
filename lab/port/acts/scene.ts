import type { Role } from '../../../src/core/access.ts';
import type { Case } from '../../../src/core/case/case.ts';
import type { Hold } from '../../../src/core/radiation/hold.ts';
import type { HoldState } from '../../../src/core/radiation/hold-states.ts';
import { isObject } from '../../http-fuzz/json.ts';
import type { Member } from '../cast.ts';
import type { Chance } from '../chance.ts';
import type { PlannedVehicle } from '../plan.ts';
import type { Request, World } from '../world.ts';

/** Where an act is made: who acts, and on which vehicle. */
export interface Scene {
  readonly world: World;
  readonly chance: Chance;
  readonly vehicle: PlannedVehicle;
  readonly by: Member;
}

/** Makes a request to one operation that could come from a person of the role; undefined where nothing is to be done. */
export interface Maker {
  readonly operation: string;
  readonly roles: readonly Role[];
  readonly weight: number;
  make(scene: Scene): Promise<Request | undefined> | Request | undefined;
}

export function post({ by }: Scene, operation: string, url: string, payload: object = {}): Request {
  return { operation, by, method: 'POST', url, payload };
}

/** The newest states of a document, for the version that a change has to name. */
export async function putAsRead(
  { world, by, chance }: Scene,
  operation: string,
  url: string,
  change: (json: unknown) => object,
): Promise<Request | undefined> {
  const { status, json, headers } = await world.get('administrator', url);
  if (status !== 200) return undefined;
  const etag = chance.oneIn(20) ? '"77"' : headers.etag;
  return {
    ...{ operation, by, method: 'PUT', url, payload: change(json) },
    ...(etag === undefined ? {} : { headers: { 'if-match': etag } }),
  };
}

/** Another person agrees to what is proposed. The etag names the proposal, too. */
export async function confirmAsRead(
  scene: Scene,
  operation: string,
  url: string,
): Promise<Request | undefined> {
  const { json, headers } = await scene.world.get('administrator', url);
  if (!isObject(json) || json.proposal === undefined) return undefined;
  return { ...post(scene, operation, `${url}/confirmation`), headers: { 'if-match': headers.etag ?? '' } };
}

export async function casesIn({ world, vehicle }: Scene): Promise<readonly Case[]> {
  const found: Case[] = [];
  for (const scan of world.scansOf(vehicle.id)) found.push(...(await world.cases(scan)));
  return found;
}

/** A case of the vehicle that fits; now and then none. */
export async function someCase(scene: Scene, fits: (value: Case) => boolean): Promise<Case | undefined> {
  const fitting = (await casesIn(scene)).filter(fits);
  return scene.chance.maybeOf(fitting.length > 0 && !scene.chance.oneIn(10) ? fitting : []);
}

/** A hold that bears on the vehicle, or now and then any other. */
export async function someHold(
  { world, chance, vehicle }: Scene,
  ...states: readonly HoldState[]
): Promise<Hold | undefined> {
  const all = (await world.holds()).filter(({ state }) => states.includes(state));
  const own = all.filter((hold) =>
    world.sent.some(
      ({ file }) => file.kind === 'portal' && file.record === world.recordOf(hold) && file.of === vehicle.id,
    ),
  );
  return chance.maybeOf(own.length > 0 && !chance.oneIn(5) ? own : all);
}
