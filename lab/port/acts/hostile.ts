/** Requests to any operation with arguments made from its schema, with names of things that are there, by any role. */

import { fakeScan } from '../../../test/support/fake-scan.ts';
import { imageFile } from '../../../test/support/inputs/dicom-files.ts';
import { portalLines } from '../../../test/support/vendors/portal.ts';
import type { Operation } from '../../http-fuzz/description.ts';
import { Learnt } from '../../http-fuzz/learnt.ts';
import { nextVisit } from '../../http-fuzz/make/journeys.ts';
import { requestFor } from '../../http-fuzz/make/request-for.ts';
import type { FuzzRequest } from '../../http-fuzz/request.ts';
import { Chance } from '../chance.ts';
import { description, mutating } from '../description.ts';
import type { Answer } from '../port.ts';
import type { Request, World } from '../world.ts';

/** An image in a format that the vehicles of a port do not come in. */
const dicom = [
  { name: 'image.dcm', bytes: imageFile({ study: '1.2.826.0.1.1', instance: '1.2.826.0.1.1.1' }) },
];

/** Forgeries: images and passages of nothing that bear the marks of vehicles. */
function forgeries({ plan }: World) {
  const { vehicles } = plan;
  return vehicles.flatMap(({ named }, i) => [
    {
      name: `forged-${i}.fake`,
      bytes: new Uint8Array(fakeScan({ seed: 900 + i, containers: named.containers.join(',') })),
    },
    { name: `forged-${i}.csv`, bytes: new Uint8Array(portalLines([{ number: 900 + i }])) },
  ]);
}

const lists = [
  '/v1/scans',
  '/v1/holds',
  '/v1/queue',
  '/v1/scanners',
  '/v1/passages',
  '/v1/persons',
  '/v1/models',
];

const JOURNEYS = 100_000;
const JOURNEY_ACTS = 12;

/** Makes requests, and learns names from answers. */
export class Hostile {
  readonly #world: World;
  readonly #learnt = new Learnt(description);

  constructor(world: World) {
    this.#world = world;
  }

  /** @param act - its number: neighbours follow one journey, in which one request makes what the next one needs */
  request(chance: Chance, act: number): Request | undefined {
    const operation = chance.oneIn(2) ? chance.oneOf(mutating) : this.#nextOf(act);
    const roles = [...new Set(this.#world.cast.map(({ role }) => role))];
    const files = forgeries(this.#world);
    const sources = { numbers: chance.numbers, learnt: this.#learnt, roles, files, dicomFiles: dicom };
    const made = requestFor(sources, operation);
    const isFree = made.method === operation.method || made.method === 'GET';
    return isFree ? this.#toRequest(chance, made) : undefined;
  }

  #nextOf(act: number): Operation {
    const block = new Chance(this.#world.plan.seed, JOURNEYS + Math.floor(act / JOURNEY_ACTS));
    const visit = nextVisit({ operations: mutating }, block.numbers);
    const operation = visit[act % visit.length];
    if (operation === undefined) throw new Error('a journey has no operation');
    return operation;
  }

  /** One of the lists is read, so that there are names to use. */
  async look(chance: Chance): Promise<void> {
    const target = chance.oneOf(lists);
    this.learn({ method: 'GET', target }, await this.#world.get('supervisor', target));
  }

  learn(
    { method, target }: Pick<FuzzRequest, 'method' | 'target'>,
    { status, headers, bytes }: Answer,
  ): void {
    const caller = { kind: 'none' } as const;
    const request = {
      operation: undefined,
      method,
      target,
      caller,
      headers: [],
      body: undefined,
      framing: 'length',
    } as const;
    this.#learnt.learn(request, { status, headers, body: bytes, isWhole: true, milliseconds: 0 });
  }

  /** Without a key for repeated requests: a repeated answer is no act. */
  #toRequest(
    chance: Chance,
    { operation = '', method, target, caller, headers, body }: FuzzRequest,
  ): Request {
    const role = caller.kind === 'key' ? caller.role : 'lane';
    const members = this.#world.cast.filter((member) => member.role === role);
    const kept = headers.filter(([name]) => name !== 'idempotency-key' && name !== 'transfer-encoding');
    return {
      ...{ operation, by: chance.oneOf(members), method, url: target },
      headers: Object.fromEntries(kept),
      ...(body === undefined ? {} : { payload: Buffer.from(body) }),
    };
  }
}
