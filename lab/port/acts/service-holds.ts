/** What the service itself holds after a restore or a jump of its clock, and how people end it. */
import { isObject, type Json, listAt } from '../../http-fuzz/json.ts';
import type { Event } from '../history.ts';
import type { World } from '../world.ts';
import { confirmAsRead, type Maker, putAsRead, type Scene } from './scene.ts';

const people = ['supervisor', 'administrator'] as const;

/** @returns in words what happened to the service */
export async function befall(world: World, kind: 'clock-jumped' | 'restored'): Promise<string> {
  const { port, now: at } = world;
  await (kind === 'restored' ? port.restore() : port.jump());
  const event: Event =
    kind === 'restored' ? { kind, at, to: at, accepted: true } : { kind, at, accepted: true };
  world.events.push(event);
  return `at ${at} s: the service is ${kind === 'restored' ? 'restored' : 'told that its clock jumped'}`;
}

export interface OpenServiceHold {
  readonly url: string;
  readonly cause: unknown;
  /** Undefined: nobody has proposed its end. */
  readonly proposer: unknown;
}

/** Those that are open at the site. */
export async function openServiceHolds(world: World, site: string): Promise<readonly OpenServiceHold[]> {
  const { json } = await world.get('administrator', '/v1/service-holds');
  return listAt(json, 'items')
    .filter(isObject)
    .filter((hold) => hold.site === site && isOpen(hold))
    .map((hold) => ({
      url: `/v1/sites/${site}/service-holds/${hold.id}`,
      cause: hold.cause,
      proposer: isObject(hold.proposal) ? hold.proposal.by : undefined,
    }));
}

const isOpen = ({ terms }: Json): boolean => isObject(terms) && terms.isOpen === true;

async function someOpen({ world, chance, vehicle }: Scene): Promise<string | undefined> {
  return chance.maybeOf(await openServiceHolds(world, vehicle.site))?.url;
}

export const serviceHoldMakers: readonly Maker[] = [
  {
    ...{ operation: 'endServiceHold', roles: people, weight: 8 },
    make: async (scene) => {
      const url = await someOpen(scene);
      return url === undefined
        ? undefined
        : putAsRead(scene, 'endServiceHold', url, () => ({ reason: 'all is well' }));
    },
  },
  {
    ...{ operation: 'confirmServiceHold', roles: people, weight: 12 },
    make: async (scene) => {
      const url = await someOpen(scene);
      return url === undefined ? undefined : confirmAsRead(scene, 'confirmServiceHold', url);
    },
  },
];
