import type { Converted, ConverterFile, Json, Sdk } from '../../src/sdk/sdk.ts';

const MAGIC = 'NIIFAKE1';
const VIEW = 'main';

interface Order {
  readonly rows: number;
  readonly columns: number;
  readonly seed: number;
  readonly containers: string;
  readonly acquired: string;
  /** ok, slow, hungry, crash, throw, lie. */
  readonly behaviour: string;
  readonly milliseconds: number;
  readonly bytes: number;
  /** What else is ordered; kept as the vendor's metadata. */
  readonly others: Readonly<Record<string, Json>>;
}

/** `NIIFAKE1`, a line end and a JSON object that says what to return or how to fail. */
export async function read(files: readonly ConverterFile[], sdk: Sdk): Promise<Converted> {
  const [file] = files;
  if (file === undefined || files.length > 1) throw sdk.error('NII_MALFORMED', 'a fake scan is one file');
  const order = orderOf(sdk.json({ ...file, bytes: file.bytes.subarray(MAGIC.length) }));
  sdk.pixels(order.rows, order.columns);
  await behave(order);
  return scanOf(order, file, sdk);
}

const known: ReadonlySet<string> = new Set([
  'rows',
  'columns',
  'seed',
  'containers',
  'acquired',
  'behaviour',
  'milliseconds',
  'bytes',
]);

function orderOf(json: Json): Order {
  const given =
    typeof json === 'object' && json !== null ? new Map<string, Json>(Object.entries(json)) : new Map();
  const number = (name: string, usual: number) => Number(given.get(name) ?? usual);
  const text = (name: string) => String(given.get(name) ?? '');
  return {
    rows: number('rows', 16),
    columns: number('columns', 16),
    seed: number('seed', 1),
    containers: text('containers'),
    acquired: text('acquired'),
    behaviour: text('behaviour') || 'ok',
    milliseconds: number('milliseconds', 0),
    bytes: number('bytes', 0),
    others: Object.fromEntries([...given].filter(([name]) => !known.has(name))),
  };
}

async function behave({ behaviour, milliseconds, bytes }: Order): Promise<void> {
  if (behaviour === 'slow') await new Promise((resolve) => setTimeout(resolve, milliseconds));
  if (behaviour === 'crash') process.kill(process.pid, 'SIGKILL');
  if (behaviour === 'throw') throw new TypeError('as ordered');
  if (behaviour === 'hungry') await eat(bytes, milliseconds);
}

/** Memory that is written to, a piece at a time, so that it becomes resident. */
async function eat(bytes: number, milliseconds: number): Promise<void> {
  const pieces: Uint8Array[] = [];
  const piece = 16 * 1024 * 1024;
  for (let eaten = 0; eaten < bytes; eaten += piece) {
    pieces.push(new Uint8Array(piece).fill(1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function scanOf(order: Order, file: ConverterFile, sdk: Sdk): Converted {
  const { rows, columns, behaviour } = order;
  const shape = { rows, columns, frames: 1, samplesPerPixel: 1, planar: false } as const;
  const sample = { bitsAllocated: 16, bitsStored: 16, sampleFormat: 'unsigned' } as const;
  const energies = ['high', 'low'] as const;
  return {
    source: { format: 'fake' },
    acquired: order.acquired === '' ? { zone: 'unknown' } : sdk.timeText(order.acquired),
    units: sdk.units(sdk.containers(order.containers, 'manifest', 'containers')),
    views: [
      {
        id: VIEW,
        display: { flipRows: false, rotate: 0, flipColumns: false },
        channels: energies.map((energy) => ({
          id: energy,
          kind: 'transmission',
          energy,
          ...shape,
          rows: behaviour === 'lie' ? rows + 1 : rows,
          ...sample,
          polarity: 'high-is-transparent',
          openBeam: 60_000,
          pitch: { rowMm: 5, columnMm: 5, source: 'file' },
        })),
      },
    ],
    planes: new Map(energies.map((energy, i) => [sdk.planeKey(VIEW, energy), ramp(order, i)])),
    vendor: { [file.name]: { ...order.others, seed: order.seed } },
  };
}

/** Sample i of channel c is (50000 - c·500 + 31·seed + 7·i) mod 65536. */
function ramp({ rows, columns, seed }: Order, channel: number): Uint8Array {
  const samples = Uint16Array.from(
    { length: rows * columns },
    (_, i) => 50_000 - channel * 500 + 31 * seed + 7 * i,
  );
  return new Uint8Array(samples.buffer);
}
