import { basename } from 'node:path';
import { type ConformanceReport, conformanceOf } from '../../core/conformance/conformance.ts';
import { defined } from '../../core/defined.ts';
import type { Channel, Extent, InspectionUnit, NiiScan, View } from '../../core/scan/scan.ts';
import { convertLocal, type LocalRejection } from '../../local/local.ts';
import { type CliContext, type Command, exitCode, WrongUse } from '../command.ts';
import { eventLines } from '../info-events.ts';
import { json, table } from '../text.ts';
import { describeUnknownFile } from '../unknown-file.ts';

export const info: Command = {
  name: 'info',
  summary: 'show the format and content of files, and all warnings',
  operands: 'FILE…',
  options: {
    conformance: {
      type: 'boolean',
      help: 'show the conformance report: verdict, missing parts, warnings, expectations',
    },
  },
  notes: [
    'A folder includes all files in it, and an archive (ZIP, TAR) all its members. The files of a scan are',
    'shown together. Nothing is stored, and no service or key is needed. --json prints {"scans": […], "refused": […]},',
    'where each scan follows schemas/scan-1.2.json. --conformance adds "conformance" (schemas/conformance-1.0.json).',
  ],
  async run(context, values, operands) {
    if (operands.length === 0) throw new WrongUse('Missing operand: specify one or more files or folders');
    const scans: NiiScan[] = [];
    const rejected: LocalRejection[] = [];
    const reports: ConformanceReport[] = [];
    const asked = values.conformance === true;
    for await (const outcome of convertLocal(await context.tools(), operands)) {
      if (outcome.kind === 'rejected') rejected.push(outcome);
      else scans.push(outcome.result.scan);
      if (outcome.kind !== 'scan') continue;
      const { scan } = outcome.result;
      const report = conformanceOf({ converter: scan.converter, originals: scan.originals, scan });
      reports.push(report);
      if (values.json !== true) context.terminal.out(asked ? conformanceText(report) : describe(scan));
    }
    if (values.json === true) {
      const conformance = asked ? { conformance: reports } : {};
      context.terminal.out(json({ scans, ...conformance, refused: rejected.map(shown) }));
    }
    complain(context, rejected);
    if (values.json !== true) await showUnknown(context, rejected, operands);
    return rejected.length === 0 ? exitCode.done : exitCode.rejected;
  },
};

/** Where a file that was named is of no known format, its first bytes help to find out what it is. */
async function showUnknown(
  { terminal }: CliContext,
  rejected: readonly LocalRejection[],
  operands: readonly string[],
): Promise<void> {
  const unknown = new Set(
    rejected.filter(({ problem }) => problem.code === 'NII_UNKNOWN_FORMAT').flatMap(({ files }) => files),
  );
  for (const path of operands) if (unknown.has(basename(path))) terminal.err(await describeUnknownFile(path));
}

/** A rejection for --json. */
export function shown({ files, problem, exception }: LocalRejection) {
  return { files, problem, ...defined({ exception }) };
}

/** One line a rejection, with its code. */
export function complain({ terminal }: CliContext, rejected: readonly LocalRejection[]): void {
  for (const { files, problem, exception } of rejected) {
    const { code, title, detail, offset } = problem;
    const where = offset === undefined ? '' : ` (byte ${offset})`;
    terminal.err(`${code}: ${files.join(', ')}: ${title}. ${detail}${where}\n`);
    if (exception !== undefined) terminal.err(`${exception.replace(/^/gm, '    ')}\n`);
  }
}

/* ---- In words --------------------------------------------------------------------------------------------- */

function describe(scan: NiiScan): string {
  const names = scan.originals.map(({ name }) => name).join(', ');
  const lines = [
    ['format', `${scan.source.format} (converter ${scan.converter.id} ${scan.converter.version})`],
    ...optional('scanner', scannerOf(scan)),
    ['acquired', acquired(scan)],
    ['purpose', scan.purpose],
    ['completeness', scan.completeness],
    ...scan.units.map((unit) => [`unit ${unit.id}`, unitText(unit)]),
    ...scan.views.flatMap((view) =>
      view.channels.map((channel) => [`channel ${view.id}-${channel.id}`, channelText(view, channel)]),
    ),
    ...eventLines(scan),
    ...scan.attachments.map(({ name, kind, bytes }) => ['attached', `${name} (${kind}, ${bytes} bytes)`]),
    ...scan.originals.map(({ name, role, bytes, sha256, complete }) => [
      'original',
      `${name} (${role}, ${bytes} bytes${complete ? '' : ', cut short'}) ${sha256}`,
    ]),
    ...scan.warnings.map(({ code, message, field, value }) => [
      'warning',
      `${code}: ${message}${field === undefined ? '' : ` [${field}]`}${value === undefined ? '' : ` “${value}”`}`,
    ]),
  ];
  const width = Math.max(...lines.map(([name = '']) => name.length));
  const text = lines.map(([name = '', value = '']) => `  ${name.padEnd(width)}  ${value}`);
  return `${names}\n${text.join('\n')}\n\n`;
}

function optional(name: string, value: string): readonly (readonly string[])[] {
  return value === '' ? [] : [[name, value]];
}

function scannerOf({ source }: NiiScan): string {
  const { manufacturer, model, serial, scannerId, site, lane } = source;
  return [manufacturer, model, serial, scannerId, site, lane]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function acquired({ acquired: { utc, written, zone } }: NiiScan): string {
  if (utc === undefined && written === undefined) return 'not stated';
  const zones = {
    stated: 'zone stated',
    'assumed-utc': 'no zone in the file, UTC assumed',
    unknown: 'zone unknown',
  };
  const original = written === undefined || written === utc ? '' : `, written “${written}”`;
  return `${utc ?? 'not readable'} (${zones[zone]}${original})`;
}

function unitText({ kind, containers, plates, declarations, seals, extent, description }: InspectionUnit) {
  const numbers = containers.map(({ value, state, source }) => `${value} (ISO 6346: ${state}, by ${source})`);
  const parts = [
    kind,
    ...numbers,
    ...plates.map((plate) => `plate ${plate}`),
    ...declarations.map((ref) => `declaration ${ref}`),
    ...seals.map((seal) => `seal ${seal}`),
    ...(extent === undefined ? [] : [extentText(extent)]),
    ...(description === undefined ? [] : [description]),
  ];
  return parts.join(' · ');
}

function extentText({ axis, from, to, view, estimated }: Extent): string {
  const place = `${axis} ${from}–${to - 1} of ${view}`;
  return estimated === undefined ? place : `${place}, estimated, ± ${estimated.uncertainty}`;
}

function channelText(view: View, channel: Channel): string {
  const { kind, energy, nominalEnergyMev, rows, columns, frames, samplesPerPixel, pitch } = channel;
  const size = `${rows} rows × ${columns} columns${frames === 1 ? '' : ` × ${frames} frames`}`;
  const samples = samplesPerPixel === 1 ? '' : ` × ${samplesPerPixel} samples`;
  const parts = [
    ...(view.name === undefined ? [] : [view.name]),
    energy === undefined ? kind : `${kind}, ${energy} energy`,
    ...(nominalEnergyMev === undefined ? [] : [`${nominalEnergyMev} MeV`]),
    `${size}${samples} × ${bitsText(channel)}`,
    pitch === undefined
      ? 'pitch not stated'
      : `pitch ${round(pitch.rowMm)} × ${round(pitch.columnMm)} mm (${pitch.source})`,
    channel.polarity,
    ...(channel.openBeam === undefined ? [] : [`open beam ${channel.openBeam}`]),
    ...(channel.invalidValue === undefined ? [] : [`${channel.invalidValue} means not measured`]),
    ...notMeasuredText(channel),
    ...(channel.opaqueSamples === undefined || channel.opaqueSamples === 0
      ? []
      : [`${channel.opaqueSamples} samples opaque`]),
  ];
  return parts.join(' · ');
}

const RANGES_SHOWN = 4;

/** The lines that were not measured, the first of them by number. */
function notMeasuredText({ notMeasured }: Channel): readonly string[] {
  return (['rows', 'columns'] as const).flatMap((axis) => {
    const ranges = notMeasured?.[axis] ?? [];
    if (ranges.length === 0) return [];
    const shown = ranges
      .slice(0, RANGES_SHOWN)
      .map(({ from, to }) => (to - from === 1 ? `${from}` : `${from}–${to - 1}`));
    const more = ranges.length > RANGES_SHOWN ? [`${ranges.length - RANGES_SHOWN} more`] : [];
    return [`${axis} ${[...shown, ...more].join(', ')} not measured`];
  });
}

function bitsText({ bitsAllocated, bitsStored, sampleFormat }: Channel): string {
  const used = bitsStored === bitsAllocated ? '' : ` (${bitsStored} used)`;
  return `${bitsAllocated} bits${used}, ${sampleFormat}`;
}

function round(millimetres: number): number {
  return Math.round(millimetres * 1000) / 1000;
}

/** A conformance report for a terminal. */
function conformanceText(report: ConformanceReport): string {
  const { recognised, verdict, share, items, fields } = report;
  const files = recognised.files.map(({ name }) => name).join(', ');
  const open = fields.filter(({ state }) => state !== 'present');
  return [
    files,
    `  ${verdict.replaceAll('-', ' ')}; recognised as ${recognised.format ?? recognised.converter} (converter ${recognised.converter} ${recognised.version}); ${Math.round(share * 100)} % of the fields`,
    ...section(
      ['weight', 'code', 'field', 'value', 'expected'],
      items.map(({ weight, code, field = '', value = '', expected }) => [
        weight,
        code,
        field,
        value,
        expected,
      ]),
    ),
    ...section(
      ['state', 'level', 'field', 'expected'],
      open.map(({ state, level, field, expected }) => [state, level, field, expected]),
    ),
    '',
    '',
  ].join('\n');
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ['', table(head, rows).trimEnd()];
}
