import { createHash } from 'node:crypto';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { notMeasuredOf } from '../core/radiation/not-measured.ts';
import type { RadiationRecord } from '../core/radiation/radiation.ts';
import { judgeCompleteness } from '../core/scan/completeness.ts';
import { type PlaneSource, type PlaneSources, piecesOf } from '../core/scan/plane-source.ts';
import {
  type Attachment,
  type Channel,
  NiiScan,
  planeKey,
  recordLimits,
  SCAN_SCHEMA_VERSION,
  type View,
  type Warning,
} from '../core/scan/scan.ts';
import { isCode } from '../core/trade/codes.ts';
import { codesIn } from '../core/trade/codes-in.ts';
import type { GroupedFile } from '../recognise/files.ts';
import type { ConverterManifest } from '../recognise/manifest.ts';
import type { Converted, ConvertedAttachment, ConvertedView } from '../sdk/sdk.ts';
import { surveyPlanes } from './plane-warnings.ts';
import { warningOf } from './tools/toolbox.ts';
import { placeTwoContainers } from './two-containers.ts';

const WARNINGS_CEILING = 1024;

/** What is known of an original file beside its bytes. */
export type OriginalFacts = Pick<GroupedFile, 'name' | 'role' | 'bytes' | 'sha256' | 'complete'>;

/**
 * Makes the record of what a reader returned: measures the planes, names originals and converter, adds the warnings
 * that the samples themselves give.
 * @throws NII_CONVERTER_INCONSISTENT when a channel has no plane; NII_LIMIT_RECORD when the file names more than a record
 *   holds
 */
export function finish(
  read: Converted,
  planes: PlaneSources,
  given: readonly Warning[],
  manifest: ConverterManifest,
  originals: readonly OriginalFacts[],
): NiiScan {
  requireRoom(read);
  const converted = withReadableText(read);
  const measured = converted.views.map((view) => measureView(view, planes));
  const { views, warnings: ofSamples } = surveyPlanes(measured, planes);
  const placed = placeTwoContainers(converted.units, views, planes);
  const warnings = [
    ...given,
    ...(converted.warnings ?? []),
    ...ofSamples,
    ...placed.warnings,
    ...codeWarnings(converted),
  ];
  return {
    schemaVersion: SCAN_SCHEMA_VERSION,
    source: converted.source,
    acquired: converted.acquired,
    purpose: converted.purpose ?? 'operational',
    completeness: converted.completeness ?? judgeCompleteness(views),
    units: [...placed.units],
    views: [...views],
    attachments: (converted.attachments ?? []).map((attachment) => factsOf(attachment, originals)),
    originals: originals.map(originalOf),
    converter: { id: manifest.id, version: manifest.version },
    warnings: distinct(warnings).slice(0, WARNINGS_CEILING),
    ...statementsOf(converted),
    vendor: converted.vendor,
  };
}

/** Keeps the facts of a record alone, whatever else the caller knows of the file. */
function originalOf({ name, role, bytes, sha256, complete }: OriginalFacts): NiiScan['originals'][number] {
  return { name, role, bytes, sha256, complete };
}

/** Returns what the files state besides the image; a field that they lack is absent. */
function statementsOf({ history, reports, radiation, consignments, control }: Converted) {
  return defined({
    history: history?.slice(),
    reports: reports?.slice(),
    radiation: radiation?.map(judgeMeasured),
    consignments: consignments?.slice(),
    control,
  });
}

/** Codes come with their form; the check digit of some is judged here. */
function codeWarnings({ source, units, consignments, control }: Converted): readonly Warning[] {
  const wrong = [...codesIn({ source, units, consignments, control }, NiiScan)].filter(
    ({ kind, code }) => !isCode(kind, code),
  );
  return wrong.map(({ path, code }) => warningOf('NII_W_CODE_FORM', { field: path, value: code }));
}

/** Whether the portal measured the vehicle is decided once, at the conversion. */
function judgeMeasured(record: RadiationRecord): RadiationRecord {
  const notMeasured = [...notMeasuredOf(record)];
  return notMeasured.length === 0 ? record : { ...record, notMeasured };
}

const growing = Object.keys(recordLimits) as (keyof typeof recordLimits)[];

/** A shortened list would hide a container or a finding. */
function requireRoom(converted: Converted): void {
  for (const field of growing) {
    const most = recordLimits[field];
    const entries = converted[field]?.length ?? 0;
    if (entries <= most) continue;
    const detail = `${entries} ${field} in one scan, but a record can hold at most ${most}`;
    throw new NiiError('NII_LIMIT_RECORD', { detail, field });
  }
}

function measureView(view: ConvertedView, planes: PlaneSources): View {
  const channels = view.channels.map((channel): Channel => {
    const plane = planes.get(planeKey(view.id, channel.id));
    if (plane === undefined) {
      throw new NiiError(
        'NII_CONVERTER_INCONSISTENT',
        `channel ${channel.id} of view ${view.id} has no samples`,
      );
    }
    return { ...channel, bytes: plane.byteLength, sha256: sha256Of(plane) };
  });
  return { ...view, channels };
}

function sha256Of(plane: PlaneSource): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(plane)) hash.update(piece);
  return hash.digest('hex');
}

function factsOf(attachment: ConvertedAttachment, originals: readonly OriginalFacts[]): Attachment {
  const original = originals.find(({ name }) => name === attachment.name);
  if (original === undefined) {
    throw new NiiError(
      'NII_CONVERTER_INCONSISTENT',
      `attachment ${attachment.name} is not among the originals`,
    );
  }
  return { ...attachment, bytes: original.bytes, sha256: original.sha256 };
}

function distinct(warnings: readonly Warning[]): Warning[] {
  const seen = new Map(warnings.map((warning) => [JSON.stringify(warning), warning]));
  return [...seen.values()];
}

/** What people read, search and compare. `vendor` stays as the file has it. */
const readFields = [
  'source',
  'acquired',
  'units',
  'views',
  'history',
  'reports',
  'radiation',
  'consignments',
  'control',
] as const;

/** Control characters but blanks and line ends, and halves of surrogate pairs. */
const unreadable = /[^\P{Cc}\s]|\p{Cs}/gu;

/**
 * Replaces each control character and each half of a surrogate pair with U+FFFD, and warns of each field that had one.
 * Databases reject some of these characters, and terminals act on others. The original keeps the bytes.
 */
export function withReadableText(converted: Converted): Converted {
  const warnings: Warning[] = [];
  const readable = Object.fromEntries(
    readFields.flatMap((field) => {
      const value = converted[field];
      const kept = readableValue(value, field, warnings);
      return kept === value ? [] : [[field, kept]];
    }),
  );
  if (warnings.length === 0) return converted;
  return { ...converted, ...readable, warnings: [...(converted.warnings ?? []), ...warnings] };
}

/** The very same value where there is nothing to replace. */
function readableValue(value: unknown, field: string, warnings: Warning[]): unknown {
  if (typeof value === 'string') return readableString(value, field, warnings);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const kept = entries.map(([name, inner]) => {
    const own = readableValue(inner, `${field}.${name}`, warnings);
    return [name, own] as const;
  });
  if (kept.every(([, inner], i) => inner === entries[i]?.[1])) return value;
  return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}

function readableString(text: string, field: string, warnings: Warning[]): string {
  const readable = text.replace(unreadable, '\ufffd');
  if (readable === text) return text;
  const message = 'Characters that text cannot contain; each is replaced by U+FFFD';
  warnings.push(warningOf('NII_W_FIELD_MALFORMED', { field, value: readable, message }));
  return readable;
}
