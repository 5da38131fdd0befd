import type { Case, CaseEvent } from '../../core/case/case.ts';
import type { LanePassage } from '../../core/case/lane-passage.ts';
import { defined } from '../../core/defined.ts';
import type { Hold, HoldEvent, RadiationLink } from '../../core/radiation/hold.ts';
import type { StoredScanMarks } from '../../core/rules/scan-marks.ts';
import type { MarkKind, StoredVehicleHold } from '../../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';

/** One line of the timeline of a vehicle. */
export interface TimelineEntry {
  readonly at: string;
  readonly about: 'scan' | 'radiation-record' | 'case' | 'alarm' | 'passage' | 'hand-hold' | 'marks';
  readonly event: string;
  /** Of the scan, case, hold or passage; of a hold by hand the mark, and of corrected marks their scan. */
  readonly id: string;
  readonly by?: string;
  readonly detail: Readonly<Record<string, string>>;
}

/** Whether a step of a case tells what became of the vehicle; the others are of the work with the case. */
const tells: Readonly<Record<CaseEvent['kind'], boolean>> = {
  opened: true,
  analysed: false,
  revised: false,
  'risk-changed': false,
  claimed: false,
  released: false,
  renewed: false,
  'lease-over': false,
  decided: true,
  'verdict-taken-back': true,
  'verdict-stands': false,
  'second-opinion-due': true,
  disputed: true,
  settled: true,
  referred: true,
  outcome: true,
  accepted: true,
  closed: true,
  'customs-release': true,
  'released-while-open': true,
  'release-reviewed': true,
  'scan-again-linked': true,
  reopened: true,
  'not-shown': false,
  escalated: true,
  'danger-raised': true,
  'danger-acknowledged': true,
  'danger-escalated': true,
  'advice-asked': false,
  'advice-joined': false,
  'advice-given': false,
};

/** The same of an alarm. */
const tellsOfAlarm: Readonly<Record<HoldEvent['kind'], boolean>> = {
  opened: true,
  joined: true,
  revised: false,
  proposed: true,
  adjudicated: true,
  closed: true,
  reopened: true,
  'join-proposed': true,
  unjoined: true,
  duplicate: true,
  'duplicate-found': false,
  escalated: true,
};

/** What is shown of a step. An adjudication may name a treated person, who is not shown. */
const shown = [
  'kind',
  'reason',
  'reasonLabel',
  'note',
  'why',
  'words',
  'what',
  'where',
  'method',
  'extent',
  'reference',
  'decision',
  'basis',
  'authority',
  'scanId',
  'of',
] as const;

function shownOf(detail: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = shown.map((name) => [name, detail[name]] as const);
  return Object.fromEntries(
    texts.filter((one): one is [(typeof shown)[number], string] => typeof one[1] === 'string'),
  );
}

/** One scan, or one record of a portal with what it says of alarms. */
export function entryOfScan(scan: ScanRow, links: readonly RadiationLink[], isRead: boolean): TimelineEntry {
  const { id, receivedAt: at, acquiredAt, visit, containers, state } = scan;
  const said = defined({ acquiredAt, visit, containers: listed(containers), state });
  if (links.length === 0 || isRead) return { at, about: 'scan', event: 'received', id, detail: said };
  const detail = { ...said, ...defined({ alarms: listed(links.flatMap(({ alarms }) => alarms)) }) };
  return { at, about: 'radiation-record', event: 'received', id, detail };
}

/** Several words in one; undefined where there are none. */
function listed(all: readonly string[]): string | undefined {
  return all.length === 0 ? undefined : [...new Set(all)].join(', ');
}

/** @param value - as the viewer may see it */
export function entriesOfCase({ id, history }: Case): readonly TimelineEntry[] {
  return history
    .filter(({ kind }) => tells[kind])
    .map(({ at, kind: event, actor: by, detail }) => ({
      at,
      about: 'case' as const,
      event,
      id,
      by,
      detail: shownOf(detail),
    }));
}

/** With what the portal measured, and when and where, beside the first step. */
export function entriesOfAlarm(hold: Hold): readonly TimelineEntry[] {
  const { id, history, alarms, notMeasured = [], passage } = hold;
  const measured = defined({
    alarms: listed(alarms.map(({ category }) => category)),
    notMeasured: listed(notMeasured),
    acquiredAt: passage?.from,
    lane: passage?.lane,
  });
  return history
    .filter(({ kind }) => tellsOfAlarm[kind])
    .map(({ at, kind: event, actor: by, detail }) => ({
      at,
      about: 'alarm' as const,
      event,
      id,
      by,
      detail: event === 'opened' ? { ...shownOf(detail), ...measured } : shownOf(detail),
    }));
}

export function entriesOfPassage(passage: LanePassage): readonly TimelineEntry[] {
  const { id, state, reason, report, reported, settled } = passage;
  const { lane, fallback, instruction } = report;
  const said = defined({ lane, fallback, instruction: instruction?.instruction, reason, state });
  const passed: TimelineEntry = {
    at: report.at,
    about: 'passage',
    event: 'passed',
    id,
    by: reported.by,
    detail: said,
  };
  if (settled === undefined) return [passed];
  const { at, by, outcome, why } = settled;
  return [passed, { at, about: 'passage', event: 'settled', id, by, detail: { outcome, why } }];
}

/** One version of a hold by hand. */
export function entryOfHandHold({ mark, state, at, by, terms }: StoredVehicleHold): TimelineEntry {
  const { isHeld, reason, until } = terms;
  const ended = isHeld ? 'held' : 'let-go';
  return {
    at,
    about: 'hand-hold',
    event: state === 'proposed' ? `${ended}-proposed` : ended,
    id: mark.value,
    by,
    detail: { reason, ...defined({ until }) },
  };
}

/** What people say that the scan is known by. */
export function entryOfMarks({ scanId, state, at, by, before, terms }: StoredScanMarks): TimelineEntry {
  const { marks, reason } = terms;
  const valuesOf = (wanted: MarkKind) => {
    const values = marks.filter(({ kind }) => kind === wanted).map(({ value }) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  return {
    at,
    about: 'marks',
    event: state === 'proposed' ? 'corrected-proposed' : 'corrected',
    id: scanId,
    by,
    detail: {
      ...defined({
        containers: valuesOf('container'),
        plates: valuesOf('plate'),
        visit: valuesOf('visit'),
      }),
      ...defined({ before: before.length === 0 ? undefined : before.map(({ value }) => value).join(', ') }),
      reason,
    },
  };
}
