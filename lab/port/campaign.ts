/** Plays histories until the time is over, and keeps one example of each kind of fault. */
import { mutating } from './description.ts';
import { openKindOf } from './known-open.ts';
import { planOf } from './plan.ts';
import { type Played, play, type SeenFault } from './play.ts';
import type { Port } from './port.ts';
import { shrink } from './shrink.ts';

export interface CampaignOptions {
  readonly seed: number;
  /** Milliseconds since the epoch at which no new history begins. */
  readonly until: number;
  readonly histories: number;
  readonly acts: number;
  /** Longest time in which one fault is shrunk; 0: not at all. */
  readonly shrinkMs: number;
  /** Also faults of known kinds are shrunk, and not only new ones. */
  readonly shrinksKnown?: boolean;
  /** Ends with the first history that shows a fault of an unknown kind. */
  readonly endsAtNew?: boolean;
  readonly progress?: (campaign: Report) => void;
}

export interface FoundFault {
  readonly kind: string;
  readonly seed: number;
  readonly act: number;
  readonly detail: string;
  readonly story: readonly string[];
  /** Why it is known, or undefined. */
  readonly open: string | undefined;
  count: number;
}

export interface Report {
  readonly seed: number;
  histories: number;
  acts: number;
  readonly operations: Map<string, { sent: number; accepted: number }>;
  readonly faults: Map<string, FoundFault>;
  /** Vehicles held by each alarm. */
  readonly held: number[];
  /** In which acts were played, without the time for shrinking. */
  playedMs: number;
}

export async function runCampaign(port: Port, options: CampaignOptions): Promise<Report> {
  const report: Report = {
    ...{ seed: options.seed, histories: 0, acts: 0, playedMs: 0 },
    operations: new Map(mutating.map(({ id }) => [id, { sent: 0, accepted: 0 }])),
    ...{ faults: new Map(), held: [] },
  };
  for (let i = 0; i < options.histories && Date.now() < options.until; i += 1) {
    const seed = options.seed + i;
    const plan = planOf(seed, options.acts);
    const acts = plan.times.map((_, act) => act);
    const started = Date.now();
    const played = await play(port, { plan, acts, watches: 'each-act', isLedOut: true });
    report.playedMs += Date.now() - started;
    add(report, played);
    for (const fault of onceEach(played.faults))
      await blame(port, options, report, { seed, acts, fault, played });
    options.progress?.(report);
    if (options.endsAtNew === true && newFaultsOf(report).length > 0) break;
  }
  return report;
}

/** Faults of kinds that nobody has explained. */
export function newFaultsOf({ faults }: Report): readonly FoundFault[] {
  return [...faults.values()].filter(({ open }) => open === undefined);
}

/** The first of each kind: one that lasts is seen after every act. */
const onceEach = (faults: readonly SeenFault[]): readonly SeenFault[] =>
  faults.filter(({ kind }, i) => faults.findIndex((one) => one.kind === kind) === i);

function add(report: Report, { acts, requests, held }: Played): void {
  report.histories += 1;
  report.acts += acts;
  report.held.push(...held);
  for (const [operation, { sent, accepted }] of requests) {
    const count = report.operations.get(operation) ?? { sent: 0, accepted: 0 };
    count.sent += sent;
    count.accepted += accepted;
    report.operations.set(operation, count);
  }
}

interface Seen {
  readonly seed: number;
  readonly acts: readonly number[];
  readonly fault: SeenFault;
  readonly played: Played;
}

async function blame(
  port: Port,
  { shrinkMs, shrinksKnown = false, acts: length }: CampaignOptions,
  report: Report,
  seen: Seen,
): Promise<void> {
  const { seed, acts, fault, played } = seen;
  const known = report.faults.get(fault.kind);
  if (known !== undefined) {
    known.count += 1;
    return;
  }
  const { kind, act, detail } = fault;
  const open = openKindOf(kind);
  const until = Date.now() + shrinkMs;
  const isShrunk = shrinkMs > 0 && (open === undefined || shrinksKnown);
  const short = isShrunk ? await shrink(port, planOf(seed, length), acts, fault, until) : played;
  const shown = short.faults.find((one) => one.kind === kind)?.detail ?? detail;
  report.faults.set(kind, {
    kind,
    seed,
    act,
    detail: shown,
    story: short.story,
    open,
    count: 1,
  });
}
