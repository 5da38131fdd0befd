/** Asks for every instruction and compares it with the oracle. */
import { isObject, type Json, listAt, objectAt } from '../http-fuzz/json.ts';
import { kindOf } from './fault-kind.ts';
import { faultsOfRules, judgeByScan } from './oracle/judge.ts';
import type { World } from './world.ts';

/** What must not be. The kind is the same for each fault of one cause, as far as that can be told from outside. */
export interface Fault {
  readonly kind: string;
  readonly detail: string;
}

/** What the lane was told of one scan. */
export interface Shown {
  readonly scan: string;
  readonly vehicle: string;
  readonly status: number;
  readonly answer: Json;
}

export const isFree = ({ answer }: Shown): boolean =>
  answer.instruction === 'proceed' && answer.final === true;

export async function showInstructions(world: World): Promise<readonly Shown[]> {
  const asked = world.plan.vehicles.flatMap(({ id }) =>
    world.scansOf(id).map((scan) => ({ scan, vehicle: id })),
  );
  return Promise.all(
    asked.map(async ({ scan, vehicle }) => {
      const { status, json } = await world.get('lane', `/v1/scans/${scan}/lane-instruction`);
      return { scan, vehicle, status, answer: isObject(json) ? json : {} };
    }),
  );
}

export function judgeShown(world: World, shown: readonly Shown[]): readonly Fault[] {
  return shown.flatMap((one) => [...wrongProceed(world, one), ...wrongUnits(one), ...serverError(one)]);
}

function wrongProceed(world: World, one: Shown): readonly Fault[] {
  if (!isFree(one)) return [];
  const word = judgeByScan(world.history, world.now, one.scan);
  if (word?.word !== 'must-hold') return [];
  return word.because.map((reason) => ({
    kind: kindOf(world.history, one.scan, reason),
    detail: `${one.vehicle}, scan ${one.scan}: ${reason}; the answer is ${JSON.stringify(one.answer)}`,
  }));
}

const weight = { proceed: 0, rescan: 1, hold: 2 } as const;
const weightOf = (instruction: unknown): number =>
  instruction === 'proceed' || instruction === 'rescan' ? weight[instruction] : weight.hold;

function wrongUnits({ answer, scan }: Shown): readonly Fault[] {
  const looser = listAt(answer, 'units').filter(
    (unit) => isObject(unit) && weightOf(unit.instruction) < weightOf(answer.instruction),
  );
  if (looser.length === 0) return [];
  const detail = `scan ${scan}: ${JSON.stringify(answer)}`;
  return [{ kind: 'H2, principle 11: a unit says more than its vehicle', detail }];
}

const serverError = ({ status, scan, answer }: Shown): readonly Fault[] =>
  status < 500
    ? []
    : [{ kind: `${status}: lane instruction`, detail: `scan ${scan}: ${JSON.stringify(answer)}` }];

export function judgeRules({ history }: World): readonly Fault[] {
  return faultsOfRules(history).map((detail) => ({
    kind: detail.replace(/^(.*?): \S+ loosened (.*) at \S+ (alone|with).*$/, '$1: one person loosened $2'),
    detail,
  }));
}

/** Vehicles that each hold was seen to hold, over a history. */
export class Held {
  readonly #vehicles = new Map<string, Set<string>>();

  note(shown: readonly Shown[]): void {
    for (const { answer, vehicle } of shown)
      for (const reason of listAt(answer, 'reasons')) {
        const { holdId, code } = objectAt({ reason }, 'reason');
        if (
          typeof holdId !== 'string' ||
          !['alarm-waits', 'alarm-near', 'not-measured'].includes(String(code))
        )
          continue;
        const held = this.#vehicles.get(holdId) ?? new Set<string>();
        this.#vehicles.set(holdId, held.add(vehicle));
      }
  }

  get counts(): readonly number[] {
    return [...this.#vehicles.values()].map(({ size }) => size);
  }
}
