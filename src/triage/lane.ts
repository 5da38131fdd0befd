import type { Case } from '../core/case/case.ts';
import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Hold } from '../core/radiation/hold.ts';
import {
  type Applied,
  combineRows,
  type KnownOfVehicle,
  laneRows,
  rowsOf,
  strictness,
} from './instruction.ts';
import type { TriagePolicy } from './policy.ts';
import { holdInWords } from './radiation.ts';

/** Where changes of instructions are announced, and with which secrets they are signed: at least one. */
export interface LaneTarget {
  readonly url: string;
  readonly secrets: readonly string[];
}

export interface Asked extends KnownOfVehicle {
  readonly scanId: string;
  readonly visit?: string;
  readonly cases: readonly Case[];
  readonly holds: readonly Hold[];
  readonly near: readonly Hold[];
}

/** When it was given, for how long it is worth something, and by which policy. */
export interface Issue {
  readonly number: number;
  readonly at: Date;
  readonly minutes: number;
  /** Version of the policy by which it is made. */
  readonly policy?: number;
}

/** For how long an instruction is worth something: for any scan of the visit, and by the policy. */
export function shortestMinutes(
  { controls, others = [] }: Pick<KnownOfVehicle, 'controls' | 'others'>,
  { instructionMinutes }: Pick<TriagePolicy, 'instructionMinutes'>,
): number {
  const all = [controls, ...others.map((other) => other.controls)];
  return Math.min(
    ...all.map((one) => one?.ofScan.instructionMinutes ?? instructionMinutes),
    instructionMinutes,
  );
}

/** The lane's instruction on the vehicle of a scan, with every row of the table that made it. */
export function issueLaneInstruction(
  asked: Asked,
  { number, at, minutes, policy }: Issue,
): IssuedLaneInstruction {
  const { scanId, visit, cases, holds, others = [] } = asked;
  const applied = rowsOf(asked);
  const { instruction, isFinal } = combineRows(applied.map(({ code }) => code));
  return {
    number,
    instruction,
    final: isFinal,
    issuedAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + minutes * 60_000).toISOString(),
    scanId,
    reasons: applied.map((one) => ({ ...one, text: inWords(one, holds) })),
    // an object of inspection is on the vehicle: it goes nowhere before the vehicle does
    units: cases.map(({ unitId, container }) => ({ unitId, instruction, ...defined({ container }) })),
    ...defined({
      policy,
      visit,
      otherScans: others.length === 0 ? undefined : others.map((other) => other.scanId),
      holds: holds.length === 0 ? undefined : holds.map(toldOf),
    }),
  };
}

/** The strictest; of several as strict the first. Undefined: of none. */
export function strictestOf(issued: readonly IssuedLaneInstruction[]): IssuedLaneInstruction | undefined {
  const weightOf = ({ instruction, final }: IssuedLaneInstruction) =>
    2 * strictness[instruction] + (final ? 0 : 1);
  return issued.toSorted((a, b) => weightOf(b) - weightOf(a))[0];
}

/** What the row says; of an alarm also which. */
function inWords({ code, holdId }: Applied, holds: readonly Hold[]): string {
  const hold = holds.find(({ id }) => id === holdId);
  return hold === undefined ? laneRows[code].inWords : holdInWords(hold);
}

function toldOf(hold: Hold): NonNullable<IssuedLaneInstruction['holds']>[number] {
  return { holdId: hold.id, state: hold.state, text: holdInWords(hold) };
}
