/** What portals, scanners, the gate and the declarants send. */
import type { Member } from '../cast.ts';
import { drawPassage, drawScan, type MessageFile } from '../messages.ts';
import type { PlannedVehicle } from '../plan.ts';
import type { Request } from '../world.ts';
import type { Maker, Scene } from './scene.ts';

const octets = { 'content-type': 'application/octet-stream' } as const;

/** Names of the lane as its machines write them: the true one, a spelling, another, or none. */
function laneOf({ chance, vehicle }: Scene, machine: 'scanner' | 'portal'): string | undefined {
  const { lane } = vehicle;
  if (chance.oneIn(12)) return undefined;
  if (chance.oneIn(8)) return machine === 'portal' ? `gate-${lane + 4}` : `lane-${lane + 1}`;
  return chance.oneOf([`lane-${lane}`, `lane-${lane}`, `Lane ${lane}`, `${lane}`]);
}

function visitOf({ chance, vehicle }: Scene): string | undefined {
  const { visit } = vehicle.named;
  if (visit === undefined || chance.oneIn(4)) return undefined;
  return chance.oneIn(6) ? visit.toLowerCase().replace(/-/g, ' ') : visit;
}

export function upload(
  { by }: Pick<Scene, 'by'>,
  file: MessageFile,
  given: Readonly<Record<string, string | undefined>>,
): Request {
  const query = new URLSearchParams({ name: file.name, site: file.site });
  for (const [key, value] of Object.entries(given)) if (value !== undefined) query.set(key, value);
  return {
    ...{ operation: 'uploadScans', by, method: 'POST', url: `/v1/scans?${query}`, file },
    ...{ payload: file.bytes, headers: octets },
  };
}

const purposeOf = ({ chance }: Scene): string | undefined => (chance.oneIn(15) ? 'training' : undefined);

/** Most are sent at once, some after minutes, and a few after hours. */
function happenedAt({ chance, world }: Scene): number {
  const late = chance.oneIn(8) ? chance.between(600, 3 * 3600) : chance.between(0, 40);
  return world.now - late;
}

const seedOf = ({ world, chance }: Scene): number =>
  chance.below(1_000_000) * 100 + (world.nextSerial() % 100);

function sendScan(scene: Scene): Request {
  const { chance, vehicle, world } = scene;
  const file = drawScan(chance, vehicle, seedOf(scene), world.moment(happenedAt(scene)));
  const scanner = `scanner-${vehicle.lane}`;
  const given = { lane: laneOf(scene, 'scanner'), visit: visitOf(scene), purpose: purposeOf(scene), scanner };
  return upload(scene, file, given);
}

function sendPassage(scene: Scene): Request {
  const { chance, vehicle, world } = scene;
  const number = chance.below(1_000_000);
  const passage = { record: `passage-${number}`, number, moment: world.moment(happenedAt(scene)) };
  const of = chance.oneIn(20) ? undefined : vehicle;
  const file = drawPassage(chance, of, vehicle.site, passage);
  return upload(scene, file, {
    lane: laneOf(scene, 'portal'),
    visit: of === undefined ? undefined : visitOf(scene),
    purpose: purposeOf(scene),
  });
}

/** The same bytes once more, perhaps with another lane, visit or purpose. */
function sendAgain(scene: Scene): Request | undefined {
  const { chance, world, vehicle } = scene;
  const own = world.sent.filter(({ file }) => file.of === vehicle.id);
  const before = chance.maybeOf(own);
  if (before === undefined) return undefined;
  return upload(scene, before.file, {
    lane: laneOf(scene, 'portal'),
    visit: visitOf(scene),
    purpose: purposeOf(scene),
  });
}

/** What the vehicle carries, in truth. */
export function trueDeclaration({ named, goodsHs, declaration }: PlannedVehicle, by: Member): Request {
  return {
    ...{ operation: 'putDeclaration', by, method: 'PUT', url: `/v1/declarations/${declaration}` },
    payload: { containers: named.containers, hsCodes: [goodsHs], description: 'ceramic tiles' },
  };
}

/** Now and then with a source that is not there. */
function declare({ chance, vehicle, by }: Scene): Request {
  const containers = vehicle.named.containers.map((mark) => (chance.oneIn(5) ? mark.toLowerCase() : mark));
  const score = chance.oneOf([0, 50, 100]);
  return {
    ...{ operation: 'putDeclaration', by, method: 'PUT', url: `/v1/declarations/${vehicle.declaration}` },
    payload: {
      ...{ containers, hsCodes: [vehicle.goodsHs], description: 'ceramic tiles' },
      selectivity: { score, reasons: ['profile'] },
      ...(chance.oneIn(6) && { dangerousGoods: [{ unNumber: '2915', nuclides: ['Cs-137'] }] }),
    },
  };
}

async function passed(scene: Scene): Promise<Request> {
  const { chance, world, vehicle, by } = scene;
  const scanId = chance.maybeOf(world.scansOf(vehicle.id));
  const shown =
    scanId === undefined ? undefined : (await world.get('lane', `/v1/scans/${scanId}/lane-instruction`)).json;
  const { instruction, issuedAt, expiresAt } = (shown ?? {}) as Readonly<Record<string, string>>;
  const passage = {
    ...{ id: `p-${chance.below(10_000)}`, at: world.iso(world.now), containers: vehicle.named.containers },
    ...(scanId === undefined ? {} : { scanId }),
    ...(instruction === undefined || chance.oneIn(3)
      ? { fallback: 'let go at the gate' }
      : {
          instruction: {
            scanId,
            instruction: chance.oneIn(3) ? 'proceed' : instruction,
            issuedAt,
            expiresAt,
          },
        }),
  };
  const payload = { site: vehicle.site, passages: [passage] };
  return { operation: 'reportPassages', by, method: 'POST', url: '/v1/passages', payload };
}

async function settlePassage({ world, chance, by }: Scene): Promise<Request | undefined> {
  const { json } = await world.get('supervisor', '/v1/passages');
  const { items = [] } = (json ?? {}) as { readonly items?: readonly { readonly id: string }[] };
  const open = chance.maybeOf(items);
  if (open === undefined) return undefined;
  const outcome = chance.oneOf(['accepted', 'recalled', 'not-found', 'searched']);
  const payload = { outcome, why: 'seen' };
  return { operation: 'settlePassage', by, method: 'POST', url: `/v1/passages/${open.id}/settle`, payload };
}

async function convertAgain({ world, chance, vehicle, by }: Scene): Promise<Request | undefined> {
  const scan = chance.maybeOf([...world.scansOf(vehicle.id), ...world.records.keys()]);
  if (scan === undefined) return undefined;
  return { operation: 'convertScanAgain', by, method: 'POST', url: `/v1/scans/${scan}/convert` };
}

export const messageMakers: readonly Maker[] = [
  { operation: 'uploadScans', roles: ['scanner'], weight: 6, make: sendScan },
  { operation: 'uploadScans', roles: ['scanner'], weight: 10, make: sendPassage },
  { operation: 'uploadScans', roles: ['scanner'], weight: 3, make: sendAgain },
  { operation: 'putDeclaration', roles: ['lane', 'supervisor', 'administrator'], weight: 4, make: declare },
  { operation: 'reportPassages', roles: ['lane', 'supervisor', 'administrator'], weight: 2, make: passed },
  { operation: 'settlePassage', roles: ['supervisor'], weight: 1, make: settlePassage },
  { operation: 'convertScanAgain', roles: ['supervisor', 'administrator'], weight: 2, make: convertAgain },
];
