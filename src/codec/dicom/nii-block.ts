import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { Axis, Channel, NiiScan, Sha256, View } from '../../core/scan/scan.ts';
import { type Turn, turnOf } from '../../core/scan/turn.ts';
import { bytesOf, type DataSet, textOf } from './data-set.ts';
import { text } from './write/build.ts';

/**
 * The private block (PS3.5 7.8) in which our DX files carry what DICOS has no place for: one JSON text with the view
 * and channel as `scan.json` has them. It is a claim like every other byte of a file: check it before it is used.
 */
const group = '0041';
const creator = 'NII-HUB 1.0';
const creatorTag = `${group}0010`;
const recordTag = `${group}1001`;

/** The block with this JSON text, its letters beyond ASCII escaped: it needs no character set. */
export function niiBlock(json: string): DataSet {
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [text(creatorTag, 'LO', creator), text(recordTag, 'UT', ascii)];
}

/** The JSON text of the block, also when a tool made it UN; empty in a block without text, undefined in files of others. */
export function niiRecordOf(dataSet: DataSet): string | undefined {
  if (textOf(dataSet, creatorTag) !== creator) return undefined;
  const unknown = bytesOf(dataSet, recordTag) ?? new Uint8Array();
  return textOf(dataSet, recordTag) ?? Buffer.from(unknown).toString('utf8').trim();
}

/** Of one channel. */
const SECTIONS_CEILING = 4096;

const { channels: _, ...viewProperties } = View.properties;

/**
 * What the record says of the whole scan. Radiation, reports and vendor's fields do not travel: they are files of their
 * own, or nobody else's to read. A visit id means something at its site alone.
 */
const { visit: __, ...sourceProperties } = NiiScan.properties.source.properties;
const ScanFacts = Type.Object(
  {
    source: Type.Object(sourceProperties, { additionalProperties: false }),
    acquired: NiiScan.properties.acquired,
    purpose: NiiScan.properties.purpose,
    completeness: NiiScan.properties.completeness,
    units: NiiScan.properties.units,
    history: NiiScan.properties.history,
    consignments: NiiScan.properties.consignments,
    control: NiiScan.properties.control,
  },
  { additionalProperties: false },
);
export type ScanFacts = Static<typeof ScanFacts>;

/** What was done to the samples of the record before they were written, which reading undoes. */
const Written = Type.Object({
  turn: Type.Optional(View.properties.display),
  offset: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: 'Half the range was added to signed samples' }),
  ),
  components: Type.Optional(
    Type.Integer({ minimum: 2, maximum: 4, description: 'Number of samples of a pixel that became frames' }),
  ),
});
export type Written = Static<typeof Written>;

const WrittenRecord = Type.Object({ written: Type.Optional(Written) });

/** Of one of our files; undefined where nothing was done, as in those of before, and in files of others. */
export function writtenOf(dataSet: DataSet): Written | undefined {
  const record = jsonOrNothing(niiRecordOf(dataSet) ?? '');
  return Value.Check(WrittenRecord, record) ? record.written : undefined;
}

/** Text that is no JSON is by no schema, and whoever checks it says so. */
export function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the private block of our own DX files holds of view and channel; more may stand there. */
export const NiiRecord = Type.Object({
  scan: Type.Optional(ScanFacts),
  view: Type.Object(viewProperties, { additionalProperties: false }),
  channel: Channel,
  written: Type.Optional(Written),
  section: Type.Optional(
    Type.Object(
      {
        number: Type.Integer({ minimum: 1, maximum: SECTIONS_CEILING }),
        of: Type.Integer({ minimum: 1, maximum: SECTIONS_CEILING }),
        axis: Axis,
        from: Type.Integer({ minimum: 0 }),
        to: Type.Integer({ minimum: 1 }),
        sha256: Sha256,
      },
      { additionalProperties: false },
    ),
  ),
});
export type NiiRecord = Static<typeof NiiRecord>;

/** The view and channel that one of our files says it holds; undefined in files of others. */
export function ownRecordOf(dataSet: DataSet): NiiRecord | undefined {
  const record = jsonOrNothing(niiRecordOf(dataSet) ?? '');
  return Value.Check(NiiRecord, record) ? record : undefined;
}

/** What makes one of our files an upright picture that was written before they were turned; undefined of others. */
export function turnToCome(dataSet: DataSet): Turn | undefined {
  const record = ownRecordOf(dataSet);
  if (record === undefined || record.written?.turn !== undefined) return undefined;
  return turnOf(record.view, record.channel);
}
