import type { RadiationAlarm, RadiationRecord } from '../core/radiation/radiation.ts';
import type { Acquired } from '../core/scan/circumstances.ts';
import type { ImportedReport, NiiScan, Operation } from '../core/scan/scan.ts';

/** Name and value of each line: occupancies of a portal, what was done before, and what others said. */
export function eventLines(scan: NiiScan): readonly (readonly [string, string])[] {
  const { radiation = [], history = [], reports = [] } = scan;
  return [
    ...radiation.map((record) => [`occupancy ${record.id}`, occupancyText(record)] as const),
    ...history.map((operation) => [operation.kind, operationText(operation)] as const),
    ...reports.map((report) => ['report', reportText(report)] as const),
  ];
}

function occupancyText({ occupancy, counts, alarms, faults, nuclides }: RadiationRecord): string {
  const foreground = counts.filter((one) => one.class === 'foreground');
  return joined([
    ...(occupancy.number === undefined ? [] : [`number ${occupancy.number}`]),
    span(occupancy.start, occupancy.end),
    `${foreground.length} detectors, ${foreground.reduce((sum, one) => sum + one.counts, 0)} counts`,
    alarms.length === 0 ? 'no alarm' : `ALARM ${alarms.map(alarmText).join(', ')}`,
    ...faults.map(({ kind }) => `fault: ${kind}`),
    ...nuclides.map(({ name }) => name),
  ]);
}

function alarmText({ category, description }: RadiationAlarm): string {
  return description === undefined ? category : `${category} (${description})`;
}

function operationText({ start, end, operator, workstation, verdict, marks, type }: Operation): string {
  return joined([
    span(start, end),
    ...(type === undefined ? [] : [`type ${type}`]),
    ...(operator === undefined ? [] : [`by ${operator}`]),
    ...(workstation === undefined ? [] : [`at ${workstation}`]),
    ...(verdict === undefined ? [] : [`verdict as written: ${verdict}`]),
    ...(marks === undefined || marks === 0 ? [] : [`${marks} marks`]),
  ]);
}

function reportText({ type, decision, verdict, by, objects, source, abortReason }: ImportedReport): string {
  return joined([
    `${type} ${decision}`,
    ...(verdict === undefined ? [] : [`as written: ${verdict}`]),
    ...(abortReason === undefined ? [] : [`aborted: ${abortReason}`]),
    ...(by === undefined ? [] : [`by ${by}`]),
    `${objects.length} objects`,
    source,
  ]);
}

function span(start: Acquired | undefined, end: Acquired | undefined): string {
  const text = (time: Acquired | undefined) => time?.utc ?? time?.written ?? '';
  return [text(start), text(end)].filter((part) => part !== '').join(' – ');
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
