import { defined } from '../core/defined.ts';
import type { OccupancyIdentity, Passage, RadiationLink } from '../core/radiation/hold.ts';
import { holdingAlarms, type RadiationRecord } from '../core/radiation/radiation.ts';
import { type TrueTime, trueTime } from '../core/rules/clock.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import { hasRecord, type RevisionRow, type ScanRow } from '../core/scan/stored-scan.ts';
import { scannerOf } from '../core/scanner/scanner.ts';
import { identitiesOf, type PortalPlace, printOf, unidentifiedKey } from '../stored/occupancy-identity.ts';
import type { HoldEvidence } from '../triage/radiation.ts';
import { clockOf, type SiteRules } from '../triage/site-rules.ts';
import type { Converted } from './radiation-candidates.ts';

/** One occupancy of a record before it is joined, with all that its hold needs to know of it. */
export interface Occupancy {
  readonly scan: ScanRow;
  readonly purpose: Converted['record']['purpose'];
  /** When the file came that says it. */
  readonly receivedAt: string;
  readonly link: RadiationLink;
  readonly evidence: HoldEvidence & { readonly passage: Passage; readonly identity: OccupancyIdentity };
  /** Under which those of its portal stand that nothing identifies. */
  readonly unidentified: string;
  /** Of all that the record says of it, and of what was sent beside: equal, nothing has changed. */
  readonly print: string;
}

/** The occupancies of a scan, as this revision has them, in the order of the file; all, or those that are wanted. */
export function occupanciesOf(
  scan: ScanRow,
  converted: Converted,
  rules: SiteRules,
  isWanted: (recordId: string) => boolean = () => true,
): readonly Occupancy[] {
  const { record, brought } = converted;
  const records = record.radiation ?? [];
  const place = placeOf(scan, record.source.lane);
  const identities = identitiesOf(place, records, isWanted);
  return records
    .filter(({ id }) => isWanted(id))
    .flatMap((one, i) => {
      const identity = identities[i];
      if (identity === undefined) return [];
      const { link, passage } = seenOf(scan, converted, one, rules);
      const { receivedAt } = brought;
      const { revision: _, ...unjoined } = link;
      return {
        scan,
        purpose: record.purpose,
        receivedAt,
        link,
        evidence: { ...evidenceOf(link, passage, one), identity },
        unidentified: unidentifiedKey(place, one),
        print: printOf(one, { ...unjoined, key: identity.key, purpose: record.purpose }),
      };
    });
}

/**
 * What a portal sent and nobody can read, as one occupancy for each revision: of whom it tells is unknown, and it may be an alarm
 * of any vehicle that was there when it came.
 */
export function unreadableOf(scan: ScanRow, revisions: readonly RevisionRow[]): readonly Occupancy[] {
  return revisions
    .filter(({ originals, state }) => hasRecord(originals) && scanStates[state].hasFailed)
    .map((row) => unreadable(scan, row));
}

function unreadable(scan: ScanRow, { revision, receivedAt, contentHash, meta }: RevisionRow): Occupancy {
  const recordId = `unreadable-${revision}`;
  const key = `${scan.id} ${recordId}`;
  const said = defined({ lane: meta.lane, visit: meta.visit ?? scan.visit });
  return {
    scan,
    purpose: scan.purpose,
    receivedAt,
    link: {
      scanId: scan.id,
      recordId,
      revision,
      timeFrom: 'receipt',
      ...said,
      containers: [],
      alarms: [],
      join: { kind: 'none', why: 'not joined yet' },
    },
    evidence: {
      revision,
      alarms: [],
      notMeasured: ['record-unreadable'],
      containers: [],
      passage: { isZoneStated: false, receivedAt, ...said },
      identity: { key, content: contentHash, ended: true },
    },
    unidentified: key,
    print: contentHash,
  };
}

function placeOf(scan: ScanRow, lane: string | undefined): PortalPlace {
  const { administration, site, senders, groupKey: stem } = scan;
  return { administration, site, sender: senders[0] ?? '', stem, ...defined({ lane }) };
}

function evidenceOf({ revision, containers }: RadiationLink, passage: Passage, one: RadiationRecord) {
  const { number } = one.occupancy;
  return {
    revision,
    alarms: holdingAlarms(one),
    containers,
    passage,
    ...defined({ occupancy: number, notMeasured: one.notMeasured }),
  };
}

/** When and where the vehicle passed, by the clock of its portal as it is set. */
function seenOf(
  scan: ScanRow,
  { row, record, brought }: Converted,
  one: RadiationRecord,
  rules: SiteRules,
): { readonly link: RadiationLink; readonly passage: Passage } {
  const clock = clockOf(rules, scannerOf(row));
  const [start, end] = [one.occupancy.start, one.occupancy.end].map((time) => trueTime(time, clock));
  const lane = one.lane ?? record.source.lane;
  const visit = visitOf(record, one);
  const portal = one.instrument.serial ?? record.source.serial ?? one.portal;
  const [from, to] = [start?.at ?? end?.at, end?.at ?? start?.at];
  const isZoneStated = [start, end].every((time) => time?.isZoneStated !== false);
  const link: RadiationLink = {
    scanId: scan.id,
    recordId: one.id,
    revision: row.revision,
    ...timesOf({ record, brought }, start, end),
    ...defined({ lane, visit }),
    containers: [...new Set(record.units.flatMap(({ containers }) => containers.map(({ value }) => value)))],
    alarms: [...new Set(one.alarms.map(({ category }) => category))],
    join: { kind: 'none', why: 'not joined yet' },
  };
  const { receivedAt } = brought;
  return { link, passage: { isZoneStated, receivedAt, ...defined({ from, to, lane, visit, portal }) } };
}

/** What was said beside the files is of one vehicle, so of a log of several it says nothing. */
function visitOf({ radiation = [], source }: Converted['record'], one: RadiationRecord): string | undefined {
  return one.visit ?? (radiation.length === 1 ? source.visit : undefined);
}

/**
 * Without a time in the file the receipt stands for it, if the file has but one occupancy and came once: of a log that
 * has grown nothing says when within it the vehicle passed.
 */
function timesOf(
  { record, brought }: Pick<Converted, 'record' | 'brought'>,
  start: TrueTime | undefined,
  end: TrueTime | undefined,
) {
  const from = start?.at ?? end?.at;
  if (from !== undefined) return { from, to: end?.at ?? from, timeFrom: 'file' as const };
  const isReceived = record.radiation?.length === 1 && brought.revision === 1;
  const received = isReceived ? brought.receivedAt : undefined;
  return { ...defined({ from: received, to: received }), timeFrom: 'receipt' as const };
}
