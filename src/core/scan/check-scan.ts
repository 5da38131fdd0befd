import Value from 'typebox/value';
import { containerState } from '../check-digits.ts';
import { NiiError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { completenesses, judgeCompleteness } from './completeness.ts';
import { type Channel, channelsOf, NiiScan, planeBytes } from './scan.ts';

/**
 * What a converter returned, checked before it is believed: record by schema, samples by dimensions, names unique,
 * extents inside their view, completeness no more than the channels hold. Container states are judged anew.
 * @throws NII_CONVERTER_INCONSISTENT naming the first contradiction; NII_LIMIT_PIXELS
 */
export function checkScan<P extends Measured>(
  { scan, planes }: Checked<P>,
  limits: Pick<Limits, 'pixels'>,
): Checked<P> {
  checkSchema(scan);
  checkNames(scan);
  checkPlanes({ scan, planes }, limits);
  checkExtents(scan);
  checkAttachments(scan);
  checkCompleteness(scan);
  return { scan: { ...scan, units: scan.units.map(judged) }, planes };
}

/** Samples in memory or elsewhere: only how many bytes they are is looked at. */
type Measured = { readonly byteLength: number };
interface Checked<P extends Measured> {
  readonly scan: NiiScan;
  readonly planes: ReadonlyMap<string, P>;
}

function invalidRecord(detail: string): NiiError {
  return new NiiError('NII_CONVERTER_INCONSISTENT', detail);
}

function checkSchema(scan: NiiScan): void {
  if (Value.Check(NiiScan, scan)) return;
  const [first] = Value.Errors(NiiScan, scan);
  throw invalidRecord(
    `the record does not match its schema: ${first?.instancePath || '/'} ${first?.message ?? ''}`,
  );
}

function checkNames(scan: NiiScan): void {
  checkUnique(
    'view',
    scan.views.map((view) => view.id),
  );
  checkUnique(
    'unit',
    scan.units.map((unit) => unit.id),
  );
  checkUnique(
    'channel',
    channelsOf(scan).map(({ key }) => key),
  );
  checkUnique(
    'radiation record',
    (scan.radiation ?? []).map((record) => record.id),
  );
}

function checkUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalidRecord(`there are two entries for ${what} ${twice}`);
}

function checkPlanes({ scan, planes }: Checked<Measured>, limits: Pick<Limits, 'pixels'>): void {
  const channels = channelsOf(scan);
  for (const { channel, key } of channels) checkPlane(channel, key, planes.get(key), limits);
  if (planes.size !== channels.length) throw invalidRecord('samples without a channel');
}

function checkPlane(
  channel: Channel,
  key: string,
  plane: Measured | undefined,
  limits: Pick<Limits, 'pixels'>,
): void {
  if (channel.rows * channel.columns * channel.frames > limits.pixels) {
    throw new NiiError('NII_LIMIT_PIXELS', `channel ${key}: more than ${limits.pixels} pixels`);
  }
  if (channel.bitsStored > channel.bitsAllocated)
    throw invalidRecord(`channel ${key}: more bits stored than allocated`);
  checkLines(channel, key);
  const expected = planeBytes(channel);
  if (channel.bytes !== expected || plane?.byteLength !== expected) {
    throw invalidRecord(
      `channel ${key}: ${plane?.byteLength ?? 'no'} bytes, but its dimensions need ${expected}`,
    );
  }
}

function checkLines({ notMeasured, rows, columns }: Channel, key: string): void {
  const isInside = (lines: number) => (range: { readonly from: number; readonly to: number }) =>
    range.from < range.to && range.to <= lines;
  const { rows: ofRows = [], columns: ofColumns = [] } = notMeasured ?? {};
  if (ofRows.every(isInside(rows)) && ofColumns.every(isInside(columns))) return;
  throw invalidRecord(`channel ${key}: lines that were not measured are outside it`);
}

function checkExtents(scan: NiiScan): void {
  for (const { id, extent } of scan.units) {
    if (extent === undefined) continue;
    const channel = scan.views.find((view) => view.id === extent.view)?.channels[0];
    const size = extent.axis === 'columns' ? channel?.columns : channel?.rows;
    if (size === undefined || extent.from >= extent.to || extent.to > size) {
      throw invalidRecord(`unit ${id}: its extent is outside the view`);
    }
  }
}

function checkAttachments(scan: NiiScan): void {
  for (const attachment of scan.attachments) {
    const original = scan.originals.find((file) => file.name === attachment.name);
    if (original?.sha256 !== attachment.sha256 || original.bytes !== attachment.bytes) {
      throw invalidRecord(`attachment ${attachment.name} is not among the originals`);
    }
  }
}

function checkCompleteness(scan: NiiScan): void {
  const held = judgeCompleteness(scan.views);
  if (completenesses[scan.completeness].rank > completenesses[held].rank) {
    throw invalidRecord(`completeness ${scan.completeness} but the channels are ${held}`);
  }
}

type Unit = NiiScan['units'][number];

function judged(unit: Unit): Unit {
  const containers = unit.containers.map((number) => ({ ...number, state: containerState(number.value) }));
  return { ...unit, containers };
}
