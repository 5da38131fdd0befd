import type { Converted, ConverterFile, Json, Sdk } from '../../src/sdk/sdk.ts';
import { type Line, linesOf } from './lines.ts';
import { occupanciesOf } from './occupancies.ts';

/** A recording of the lines that a portal sends; it may hold many occupancies. */
export function read(files: readonly ConverterFile[], sdk: Sdk): Converted {
  const file = onlyFile(files, sdk);
  const lines = linesOf(sdk.text(file), sdk);
  if (lines.length === 0) throw sdk.error('NII_MALFORMED', `${file.name}: no line of a radiation portal`);
  const radiation = occupanciesOf(lines, sdk);
  const start = radiation.map(({ occupancy }) => occupancy.start).find((time) => time?.utc !== undefined);
  if (start === undefined) sdk.warn('NII_W_TIME_ABSENT', { field: file.name });
  return {
    source: { format: 'rpm-lines', manufacturer: 'Rapiscan' },
    acquired: start ?? { zone: 'unknown' },
    units: sdk.units([]),
    views: [],
    planes: new Map(),
    radiation,
    vendor: { [file.name]: vendorOf(lines) },
  };
}

function onlyFile(files: readonly ConverterFile[], sdk: Sdk): ConverterFile {
  const records = files.filter(({ role }) => role === 'record');
  const [file] = records;
  if (file === undefined || records.length > 1) {
    throw sdk.error('NII_MALFORMED', `${records.length} recordings where a scan has one`);
  }
  return file;
}

/** The set-up of the portal as its lines have it, the newest of each kind, and how many lines were read. */
function vendorOf(lines: readonly Line[]): Json {
  const setUp: Record<string, Json> = {};
  for (const line of lines)
    if (line.kind === 'set-up') setUp[line.code] = line.fields.map((field) => field.slice(0, 64));
  return { lines: lines.length, setUp };
}
