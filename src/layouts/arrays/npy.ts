import type { Strides } from '../../codec/gather.ts';
import { defined } from '../../core/defined.ts';
import { opaqueEnd, withoutOpaqueInvalid } from '../../core/scan/measured.ts';
import type { Converted, ConvertedChannel, ConverterFile, InspectionUnit, Sdk } from '../../sdk/sdk.ts';
import type { NpyLayout } from '../schema/layout.ts';
import { type Described, described, onlyImage, pitchOf, sourceOf, upright, VIEW } from './parts.ts';
import type { NumpySidecar } from './sidecar.ts';
import { acquiredOf, circumstancesOf, sidecarOf, unitsOf } from './sidecar-values.ts';
import { openColumns, wagonsBetween } from './wagons.ts';

const CHANNELS_CEILING = 64;

interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

/** Reads a NumPy array and the sidecar beside it, as the layout says. */
export function readNpy(
  layout: NpyLayout,
  format: string,
  files: readonly ConverterFile[],
  sdk: Sdk,
): Converted {
  const file = onlyImage(files, sdk);
  const npy = sdk.npyHeader(file);
  const shape = shapeOf(npy.shape, sdk);
  sdk.pixels(shape.rows, shape.columns);
  const { sidecar, vendor, unused } = sidecarOf(files, sdk);
  const strides = (channel: number) => npyStrides(npy, shape, channel);
  const common = { ...samplesOf(npy.type.kind, npy.type.bytes), ...pitchOf(layout, sidecar) };
  const channels = npyChannels(shape, sidecar, sdk).map((channel) => ({ ...channel, ...common }));
  if (common.pitch === undefined) sdk.warn('NII_W_PITCH_UNKNOWN');
  return {
    source: sourceOf(layout, format, sidecar),
    acquired: acquiredOf(sidecar, sdk),
    ...circumstancesOf(sidecar),
    units: wagonUnits(file, channels, shape, strides, sidecar, sdk) ?? unitsOf(sidecar, shape.columns, sdk),
    views: [
      {
        id: VIEW,
        display: layout.display ?? upright,
        channels: channels.map((channel) => ({ ...channel, rows: shape.rows, columns: shape.columns })),
      },
    ],
    ...samplesIn(
      file,
      channels.map(({ id }, i) => [sdk.planeKey(VIEW, id), strides(i)]),
      sdk,
    ),
    attachments: unused.map(({ name }) => ({ name, kind: 'metadata', mediaType: 'application/json' })),
    vendor: {
      ...vendor,
      [file.name]: { descr: npy.descr, fortranOrder: npy.fortranOrder, shape: npy.shape },
    },
  };
}

/** Shorter than any wagon; where nothing says how large a pixel is, in columns. */
const LEAST_WAGON_MM = 3000;
const LEAST_WAGON_COLUMNS = 64;
const UNITS_CEILING = 1024;

/** The wagons found by the gaps between them, where the sidecar asks for it and does not name them. */
function wagonUnits(
  file: ConverterFile,
  channels: readonly (Described & Pick<ConvertedChannel, 'bitsAllocated' | 'bitsStored' | 'sampleFormat'>)[],
  shape: Shape,
  strides: (channel: number) => Strides,
  sidecar: NumpySidecar | undefined,
  sdk: Sdk,
): readonly InspectionUnit[] | undefined {
  if (sidecar?.findUnits === undefined || sidecar.units !== undefined) return undefined;
  const index = channels.findIndex(isCounted);
  const channel = channels[index];
  if (channel?.openBeam === undefined) {
    const message =
      'Wagons can be found only in a 16-bit transmission channel with a stated open beam; there is none';
    sdk.warn('NII_W_UNITS_FOUND', { field: 'findUnits', value: '0', message });
    return undefined;
  }
  const { openBeam, pitch } = channel;
  const { invalidValue } = withoutOpaqueInvalid(channel);
  const train = { ...shape, openBeam, ...defined({ invalidValue }) };
  const least = pitch === undefined ? LEAST_WAGON_COLUMNS : LEAST_WAGON_MM / pitch.columnMm;
  const found = wagonsBetween(openColumns(sdk.gatherStream(file, strides(index)).pieces(), train), least);
  sdk.warn('NII_W_UNITS_FOUND', { field: 'findUnits', value: String(found.length) });
  if (found.length === 0 || found.length > UNITS_CEILING) return undefined;
  return found.map(({ from, to }, i) => ({
    id: `unit-${i + 1}`,
    kind: 'wagon',
    extent: { view: VIEW, axis: 'columns', from, to },
    containers: [],
    plates: [],
    declarations: [],
    seals: [],
  }));
}

function isCounted(channel: Parameters<typeof opaqueEnd>[0]): boolean {
  return channel.bitsAllocated === 16 && opaqueEnd(channel) === 0;
}

/** Files up to this size are read at once, which is quicker; larger ones in pieces. */
const AT_ONCE_BYTES = 64 * 1024 * 1024;

function samplesIn(
  file: ConverterFile,
  channels: readonly (readonly [string, Strides])[],
  sdk: Sdk,
): Pick<Converted, 'planes' | 'streams'> {
  if (file.size <= AT_ONCE_BYTES) {
    return { planes: new Map(channels.map(([key, strides]) => [key, sdk.gather(file.bytes, strides)])) };
  }
  const streams = new Map(channels.map(([key, strides]) => [key, sdk.gatherStream(file, strides)]));
  return { planes: new Map(), streams };
}

function shapeOf(shape: readonly number[], sdk: Sdk): Shape {
  const [rows, columns, channels = 1] = shape;
  if (
    rows === undefined ||
    columns === undefined ||
    shape.length > 3 ||
    channels < 1 ||
    channels > CHANNELS_CEILING
  ) {
    throw sdk.error(
      'NII_UNSUPPORTED_VARIANT',
      `unsupported array of shape [${shape.join(', ')}]; [rows, columns] or [rows, columns, channels] with at most ${CHANNELS_CEILING} channels is read`,
    );
  }
  return { rows, columns, channels };
}

function npyStrides(
  npy: ReturnType<Sdk['npyHeader']>,
  { rows, columns, channels }: Shape,
  channel: number,
): Strides {
  const item = npy.type.bytes;
  const bigEndian = npy.type.order === 'big';
  const order = npy.fortranOrder
    ? { row: item, column: rows * item, first: npy.dataOffset + channel * rows * columns * item }
    : { row: columns * channels * item, column: channels * item, first: npy.dataOffset + channel * item };
  return { rows, columns, item, bigEndian, ...order };
}

function samplesOf(
  kind: ReturnType<Sdk['npy']>['type']['kind'],
  bytes: 1 | 2 | 4 | 8,
): Pick<ConvertedChannel, 'bitsAllocated' | 'bitsStored' | 'sampleFormat'> {
  const bits = { 1: 8, 2: 16, 4: 32, 8: 64 } as const;
  const sampleFormat = kind === 'boolean' ? 'unsigned' : kind;
  return { bitsAllocated: bits[bytes], bitsStored: bits[bytes], sampleFormat };
}

function npyChannels(shape: Shape, sidecar: NumpySidecar | undefined, sdk: Sdk): readonly Described[] {
  if (sidecar === undefined) return unknownChannels(shape.channels, sdk);
  if (sidecar.channels.length !== shape.channels) {
    throw sdk.error(
      'NII_MALFORMED',
      `the sidecar describes ${sidecar.channels.length} channels, but the array has ${shape.channels}`,
    );
  }
  for (const channel of sidecar.channels) checkLines(channel, shape, sdk);
  return sidecar.channels.map((channel) => described(channel, sdk));
}

/** @throws NII_MALFORMED for lines outside of the array */
function checkLines(
  { id, notMeasured }: NumpySidecar['channels'][number],
  { rows, columns }: Shape,
  sdk: Sdk,
): void {
  const lengths = { rows, columns };
  for (const axis of ['rows', 'columns'] as const) {
    const wrong = notMeasured?.[axis].find(({ from, to }) => from >= to || to > lengths[axis]);
    if (wrong === undefined) continue;
    const detail = `channels/${id}/notMeasured/${axis}: ${wrong.from} to ${wrong.to} of ${lengths[axis]} ${axis}`;
    throw sdk.error('NII_MALFORMED', detail);
  }
}

function unknownChannels(count: number, sdk: Sdk): readonly Described[] {
  return Array.from({ length: count }, (_, i) => described({ id: `ch${i}`, kind: 'unknown' }, sdk));
}
