import type { Case, CaseEvent } from '../../core/case/case.ts';
import type { LaneInstruction } from '../../core/case/lane.ts';
import type { PassageReason, PassageReport } from '../../core/case/lane-passage.ts';
import { defined } from '../../core/defined.ts';
import { LONGEST_INSTRUCTION_MINUTES } from '../../triage/policy.ts';

/** Whether a vehicle passed a lane by a valid instruction, and if not, why not. */

/** What the service knows of a reported passage. */
export interface KnownOfPassage {
  /** RFC 3339. */
  readonly reportedAt: string;
  /** The scan that its instruction is of; absent where the site of the passage has none of this id. */
  readonly scan?: { readonly receivedAt: string; readonly cases: readonly Pick<Case, 'history'>[] };
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
  'not-cleared': ({ scan, issuedAt }) => scan !== undefined && wasNotCleared(scan.cases, issuedAt + CLOCK_MS),
};

/** Why the passage had no valid instruction; undefined: it had one. */
export function faultOfPassage(report: PassageReport, known: KnownOfPassage): PassageReason | undefined {
  const claim = claimOf(report, known);
  if (claim === undefined) return 'none';
  const [reason] = Object.entries(faults).find(([, applies]) => applies(claim)) ?? [];
  // The keys of the table
  return reason as PassageReason | undefined;
}

/** The id of the scan that the instruction is of. */
export function scanOfInstruction({ instruction, scanId }: PassageReport): string | undefined {
  return instruction === undefined ? undefined : (instruction.scanId ?? scanId);
}

function claimOf(
  { at, scanId, instruction: claimed }: PassageReport,
  { reportedAt, scan }: KnownOfPassage,
): Claim | undefined {
  if (claimed === undefined) return undefined;
  return {
    at: Date.parse(at),
    reportedAt: Date.parse(reportedAt),
    issuedAt: Date.parse(claimed.issuedAt),
    expiresAt: Date.parse(claimed.expiresAt),
    instruction: claimed.instruction,
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

/** A verdict or an outcome by which the lane may be told to proceed. */
function isGoodWord({ kind, detail }: CaseEvent): boolean {
  if (kind === 'outcome') return detail.kind === 'nothing-found';
  if (kind === 'verdict-stands') return detail.kind === 'normal';
  // One that could be taken back let nothing go before it stood
  const isAtOnce = (kind === 'decided' || kind === 'settled') && detail.until === undefined;
  return isAtOnce && detail.kind === 'normal';
}
