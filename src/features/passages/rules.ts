import type { Case } from '../../core/case/case.ts';
import type { LaneInstruction } from '../../core/case/lane.ts';
import {
  type OpenFact,
  type PassageReason,
  type PassageReport,
  scanOfInstruction,
} from '../../core/case/lane-passage.ts';
import { defined } from '../../core/defined.ts';
import { markOf } from '../../core/rules/vehicle-hold.ts';
import { LONGEST_INSTRUCTION_MINUTES } from '../../triage/policy.ts';
import { isGoodWord } from '../../triage/vehicle-facts.ts';

/** Whether a vehicle passed a lane by a valid instruction, and if not, why not. */

/** What the service knows of a reported passage. */
export interface KnownOfPassage {
  /** RFC 3339. */
  readonly reportedAt: string;
  /** The scan that its instruction is of; absent where the site of the passage has none of this id. */
  readonly scan?: {
    readonly receivedAt: string;
    readonly cases: readonly Pick<Case, 'history'>[];
    readonly visit?: string;
    /** Of it and of the other scans of its vehicle. */
    readonly containers?: readonly string[];
    /** The policy lets the vehicle go by its portal, without an image. */
    readonly isByPortal?: boolean;
  };
  /** Instructions by which vehicles passed that were reported before. */
  readonly used?: readonly UsedInstruction[];
  /** What is open against the vehicle, or was when it passed. */
  readonly facts?: readonly Pick<OpenFact, 'since'>[];
}

/** An instruction by which a vehicle passed. */
export interface UsedInstruction {
  readonly scanId: string;
  readonly issuedAt: string;
  readonly number?: number;
}

/** Our own machines agree on the time to within this, and so should a lane controller. */
const CLOCK_MS = 60_000;
const LONGEST_MS = LONGEST_INSTRUCTION_MINUTES * 60_000;

/** A passage with the instruction that it claims. Times in milliseconds since 1970. */
interface Claim {
  readonly at: number;
  readonly reportedAt: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly instruction: LaneInstruction;
  /** Of the vehicle, as the lane controller knows it. */
  readonly scanId?: string;
  /** Of the instruction, where that names one. */
  readonly instructionScanId?: string;
  readonly scan?: KnownOfPassage['scan'];
  readonly report: PassageReport;
  /** Of the same scan. */
  readonly used: readonly UsedInstruction[];
  /** Times from which something was open. */
  readonly openFrom: readonly number[];
}

const reasonOfWord: Readonly<Record<Exclude<LaneInstruction, 'proceed'>, PassageReason>> = {
  hold: 'was-hold',
  rescan: 'was-rescan',
};

const isWord = ({ instruction }: Claim, reason: PassageReason) =>
  instruction !== 'proceed' && reasonOfWord[instruction] === reason;

/** In the order of PassageReason: what ended before the vehicle passed is named before what it said. */
const faults: Readonly<Record<Exclude<PassageReason, 'none'>, (claim: Claim) => boolean>> = {
  'in-future': ({ at, reportedAt }) => at > reportedAt + CLOCK_MS,
  'not-yet-issued': ({ at, issuedAt }) => at < issuedAt,
  expired: ({ at, expiresAt }) => at >= expiresAt,
  'was-hold': (claim) => isWord(claim, 'was-hold'),
  'was-rescan': (claim) => isWord(claim, 'was-rescan'),
  'too-long': ({ issuedAt, expiresAt }) => expiresAt - issuedAt > LONGEST_MS,
  'other-scan': ({ scanId, instructionScanId = scanId }) =>
    scanId !== undefined && scanId !== instructionScanId,
  'unknown-scan': ({ scan, issuedAt }) =>
    scan === undefined || Date.parse(scan.receivedAt) > issuedAt + CLOCK_MS,
  'other-vehicle': ({ report, scan }) => scan !== undefined && isOtherVehicle(report, scan),
  'not-cleared': ({ scan, issuedAt }) =>
    scan !== undefined && scan.isByPortal !== true && wasNotCleared(scan.cases, issuedAt + CLOCK_MS),
  'something-open': ({ at, openFrom }) => openFrom.some((time) => time <= at),
  'used-before': ({ report, used }) => used.some((one) => isSameInstruction(one, report.instruction)),
  'older-instruction': ({ report, used }) =>
    used.some(({ number }) => isOlder(report.instruction?.number, number)),
  'left-with-fact': ({ openFrom }) => openFrom.length > 0,
};

/** Why the passage had no valid instruction; undefined: it had one. */
export function faultOfPassage(report: PassageReport, known: KnownOfPassage): PassageReason | undefined {
  const claim = claimOf(report, known);
  if (claim === undefined) return 'none';
  const [reason] = Object.entries(faults).find(([, applies]) => applies(claim)) ?? [];
  // The keys of the table
  return reason as PassageReason | undefined;
}

/** It names a container that no scan of the vehicle has, or another visit. What the scan does not say is not compared. */
function isOtherVehicle(
  { containers = [], visit }: PassageReport,
  scan: NonNullable<KnownOfPassage['scan']>,
): boolean {
  const ofScan = new Set(marksOf('container', scan.containers ?? []));
  const isOtherVisit =
    visit !== undefined &&
    scan.visit !== undefined &&
    markOf('visit', visit).value !== markOf('visit', scan.visit).value;
  return (
    isOtherVisit || (ofScan.size > 0 && marksOf('container', containers).some((mark) => !ofScan.has(mark)))
  );
}

function marksOf(kind: 'container', written: readonly string[]): readonly string[] {
  return written.map((one) => markOf(kind, one).value).filter((value) => value !== '');
}

function isSameInstruction(used: UsedInstruction, claimed: PassageReport['instruction']): boolean {
  if (claimed === undefined) return false;
  const isSameNumber = claimed.number !== undefined && claimed.number === used.number;
  return isSameNumber || Date.parse(claimed.issuedAt) === Date.parse(used.issuedAt);
}

function isOlder(number: number | undefined, used: number | undefined): boolean {
  return number !== undefined && used !== undefined && number < used;
}

/** The instruction by which it says that it passed. */
export function usedInstruction(report: PassageReport): UsedInstruction | undefined {
  const scanId = scanOfInstruction(report);
  if (scanId === undefined || report.instruction === undefined) return undefined;
  const { issuedAt, number } = report.instruction;
  return { scanId, issuedAt, ...defined({ number }) };
}

function claimOf(
  report: PassageReport,
  { reportedAt, scan, used = [], facts = [] }: KnownOfPassage,
): Claim | undefined {
  const { at, scanId, instruction: claimed } = report;
  if (claimed === undefined) return undefined;
  const ofScan = scanOfInstruction(report);
  return {
    at: Date.parse(at),
    reportedAt: Date.parse(reportedAt),
    issuedAt: Date.parse(claimed.issuedAt),
    expiresAt: Date.parse(claimed.expiresAt),
    instruction: claimed.instruction,
    report,
    used: used.filter((one) => one.scanId === ofScan),
    openFrom: facts.map(({ since }) => Date.parse(since)),
    ...defined({ scanId, instructionScanId: claimed.scanId, scan }),
  };
}

/** Until then the lane was told something else than to proceed: no case was open, or one that was had no good word. */
function wasNotCleared(cases: readonly Pick<Case, 'history'>[], until: number): boolean {
  const known = cases
    .map(({ history }) => history.filter(({ at }) => Date.parse(at) <= until))
    .filter((history) => history.length > 0);
  return known.length === 0 || known.some((history) => !history.some(isGoodWord));
}
