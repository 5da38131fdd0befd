import type {
  Converted,
  ConvertedChannel,
  ConverterFile,
  InspectionUnit,
  Json,
  LocalTime,
  Sdk,
  XmlDocument,
} from '../../src/sdk/sdk.ts';
import { pictureAhead } from './picture.ts';

const HEADER_BYTES = 36;
const VIEW = 'main';

/** Header words that are the same in every file that was described: offset, value. What they mean is unknown. */
const constants: readonly (readonly [number, number])[] = [
  [0, 100],
  [6, 1],
  [8, 1],
  [10, 0xffff],
  [12, 0],
  [16, 1],
  [18, 0],
  [20, 0],
  [22, 0],
];

/** One site's calibration of the material bytes; no specification of the vendor. */
const materialLegend = [
  { from: 0, to: 0, label: 'background (site calibration, not vendor specification)' },
  { from: 1, to: 40, label: 'noise (site calibration, not vendor specification)' },
  { from: 41, to: 120, label: 'organic (site calibration, not vendor specification)' },
  { from: 121, to: 255, label: 'metal (site calibration, not vendor specification)' },
];

const roles = ['high', 'low', 'material'] as const;
type ChannelRole = (typeof roles)[number];

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly time: LocalTime;
}

interface Image {
  readonly id: string;
  readonly file: ConverterFile;
  readonly header: Header;
  readonly samples: Uint8Array;
}

/** Channels that are whole are converted; one still being written is left to the revision that its rest will make. */
export function read(files: readonly ConverterFile[], sdk: Sdk): Converted | Promise<Converted> {
  const images = imagesOf(files, sdk);
  const metadata = files.filter(({ role }) => role === 'metadata').flatMap((file) => metadataOf(file, sdk));
  const [first] = images;
  if (first === undefined) return ahead(files, metadata, sdk);
  sdk.warn('NII_W_PITCH_UNKNOWN');
  const cut = channelFiles(files).some(({ complete }) => !complete);
  return {
    source: sourceOf(metadata[0]?.xml, sdk),
    acquired: acquiredOf(first.header, metadata[0]?.xml, sdk),
    units: unitsOf(metadata[0]?.xml, sdk),
    views: [
      {
        id: VIEW,
        display: { flipRows: true, rotate: 0, flipColumns: false },
        channels: images.map(channelOf),
      },
    ],
    planes: new Map(images.map((image) => [sdk.planeKey(VIEW, image.id), image.samples])),
    ...(cut ? { completeness: 'incomplete' } : {}),
    attachments: attachmentsOf(files),
    ...tradeOf(metadata[0]?.xml, sdk),
    vendor: vendorOf(images, metadata, sdk),
  };
}

/** Metadata and pictures that come before the channels; their revision is followed by one with the channels. */
async function ahead(
  files: readonly ConverterFile[],
  metadata: readonly Metadata[],
  sdk: Sdk,
): Promise<Converted> {
  const [cut] = channelFiles(files);
  if (cut !== undefined)
    throw sdk.error('NII_TRUNCATED', `${cut.name}: no channel is whole`, cut.bytes.length);
  const picture = await pictureAhead(files, VIEW, sdk);
  const xml = metadata[0]?.xml;
  if (xml === undefined && picture === undefined)
    throw sdk.error('NII_TRUNCATED', 'no channel file of this scan has come');
  return {
    source: sourceOf(xml, sdk),
    acquired: statedTime(xml, sdk) ?? { zone: 'unknown' },
    units: unitsOf(xml, sdk),
    views: picture === undefined ? [] : [picture.view],
    planes:
      picture === undefined ? new Map() : new Map([[sdk.planeKey(VIEW, picture.channel), picture.samples]]),
    attachments: attachmentsOf(files),
    ...tradeOf(xml, sdk),
    vendor: vendorOf([], metadata, sdk),
  };
}

interface Metadata {
  readonly file: ConverterFile;
  readonly xml: XmlDocument;
}

/** What an XML is refused with: it ends early, holds a document type, has no single root, or is too deep or too large. */
const xmlRefusals: readonly unknown[] = [
  'NII_TRUNCATED',
  'NII_MALFORMED',
  'NII_LIMIT_DEPTH',
  'NII_LIMIT_BYTES',
];

/** Good pixels are worth more than the text beside them: the scan goes on without an XML that is refused, and says so. */
function metadataOf(file: ConverterFile, sdk: Sdk): readonly Metadata[] {
  try {
    return [{ file, xml: sdk.xml(file) }];
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && xmlRefusals.includes(error.code))) throw error;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: file.name, message: error.message });
    return [];
  }
}

function channelFiles(files: readonly ConverterFile[]): readonly ConverterFile[] {
  return files.filter(({ role }) => role === 'image' || roles.some((known) => known === role));
}

function imagesOf(files: readonly ConverterFile[], sdk: Sdk): readonly Image[] {
  const named = roles.flatMap((role) => channelFiles(files).filter((file) => file.role === role));
  const unnamed = channelFiles(files).filter(({ role }) => role === 'image');
  for (const role of roles) checkPresent(role, files, sdk);
  return [...named, ...unnamed].filter((file) => isWhole(file, sdk)).map((file, i) => imageOf(file, i, sdk));
}

function checkPresent(role: ChannelRole, files: readonly ConverterFile[], sdk: Sdk): void {
  const count = files.filter((file) => file.role === role).length;
  if (count > 1) throw sdk.error('NII_MALFORMED', `${count} different files for channel ${role}`);
  if (count === 0) sdk.warn('NII_W_CHANNEL_MISSING', { field: role });
}

function isWhole(file: ConverterFile, sdk: Sdk): boolean {
  const { width, height, bits } = headerOf(file, sdk);
  sdk.pixels(height, width);
  const expected = HEADER_BYTES + (width * height * bits) / 8;
  if (file.bytes.length >= expected) return true;
  const message = `${file.bytes.length} of ${expected} bytes are here; it is probably still being written`;
  sdk.warn('NII_W_CHANNEL_INCOMPLETE', { field: file.role, value: file.name, message });
  return false;
}

function headerOf(file: ConverterFile, sdk: Sdk): Header {
  const reader = sdk.reader(file);
  const word = (offset: number) => reader.seek(offset).u16be();
  const bits = word(14);
  if (bits !== 8 && bits !== 16) throw reader.malformed(`samples of ${bits} bits`, 14);
  return {
    width: word(2),
    height: word(4),
    bits,
    time: {
      year: word(24),
      month: word(26),
      day: word(28),
      hour: word(30),
      minute: word(32),
      second: word(34),
    },
  };
}

function imageOf(file: ConverterFile, index: number, sdk: Sdk): Image {
  const header = headerOf(file, sdk);
  checkConstants(file, sdk);
  const reader = sdk.reader(file).seek(HEADER_BYTES);
  const raw = reader.take((header.width * header.height * header.bits) / 8);
  if (reader.remaining > 0) {
    sdk.warn('NII_W_TRAILING_BYTES', { field: file.name, value: String(reader.remaining) });
  }
  const samples = header.bits === 16 ? sdk.swap16(raw) : raw;
  return { id: idOf(file, header, index, sdk), file, header, samples };
}

function checkConstants(file: ConverterFile, sdk: Sdk): void {
  const reader = sdk.reader(file);
  for (const [offset, expected] of constants) {
    const value = reader.seek(offset).u16be();
    if (value !== expected) {
      const message = `${file.name}: ${value} at byte ${offset} where other files have ${expected}`;
      sdk.warn('NII_W_HEADER_CONSTANT', { field: `@${offset}`, value: String(value), message });
    }
  }
}

/** A name says what a file measures, unless its own header contradicts: material has 8 bits, energies 16. */
function idOf(file: ConverterFile, header: Header, index: number, sdk: Sdk): string {
  const fits = file.role === 'material' ? header.bits === 8 : header.bits === 16;
  if (file.role !== 'image' && fits) return file.role;
  sdk.warn('NII_W_CHANNEL_UNKNOWN', { field: file.name });
  return `ch${index}`;
}

function channelOf({ id, header }: Image): ConvertedChannel {
  return {
    id,
    rows: header.height,
    columns: header.width,
    frames: 1,
    samplesPerPixel: 1,
    planar: false,
    bitsAllocated: header.bits === 16 ? 16 : 8,
    bitsStored: header.bits,
    sampleFormat: 'unsigned',
    ...measuredBy(id),
  };
}

function measuredBy(id: string): Pick<ConvertedChannel, 'kind' | 'energy' | 'polarity' | 'legend'> {
  if (id === 'high' || id === 'low')
    return { kind: 'transmission', energy: id, polarity: 'high-is-transparent' };
  if (id === 'material') return { kind: 'class-map', polarity: 'none', legend: materialLegend };
  return { kind: 'unknown', polarity: 'unknown' };
}

function field(xml: XmlDocument | undefined, name: string, sdk: Sdk): string {
  return xml === undefined ? '' : (sdk.find(xml.root, name)?.text ?? '').trim();
}

function sourceOf(xml: XmlDocument | undefined, sdk: Sdk): Converted['source'] {
  const scannerId = field(xml, 'UNITID', sdk);
  return {
    format: 'nuctech-fs6000',
    manufacturer: 'Nuctech',
    model: 'FS6000',
    ...(scannerId === '' ? {} : { scannerId: sdk.clip(scannerId) }),
  };
}

/** The header's clock; the XML's where the header holds no time. */
function acquiredOf(header: Header, xml: XmlDocument | undefined, sdk: Sdk): Converted['acquired'] {
  const acquired = sdk.localTime(header.time);
  if (acquired.utc !== undefined) return acquired;
  return statedTime(xml, sdk) ?? acquired;
}

function statedTime(xml: XmlDocument | undefined, sdk: Sdk): Converted['acquired'] | undefined {
  const written = field(xml, 'SCANTIME', sdk) || field(xml, 'CHECKINTIME', sdk);
  return written === '' ? undefined : sdk.timeText(written);
}

function unitsOf(xml: XmlDocument | undefined, sdk: Sdk): readonly InspectionUnit[] {
  const numbers = sdk.containers(field(xml, 'container_no', sdk), 'operator', 'container_no');
  const description = sdk.clip(field(xml, 'descripion_of_goods', sdk));
  warnOfPlate(xml, sdk);
  return sdk.units(numbers).map((unit) => ({
    ...unit,
    ...(description === '' ? {} : { description }),
  }));
}

/** Elements that have a place of their own in the record, so that they can be withheld: `vendor` does not repeat them. */
const placed: ReadonlySet<string> = new Set(['OPERATORID', 'name_vessel', 'consignee', 'shipping_company']);

/** Who operated the scanner, and what is known of the carriage: vessel, line and consignee. */
function tradeOf(xml: XmlDocument | undefined, sdk: Sdk): Pick<Converted, 'history' | 'consignments'> {
  const text = (name: string, most: number) => sdk.clip(field(xml, name, sdk)).slice(0, most);
  const operator = text('OPERATORID', 4096);
  const vessel = text('name_vessel', 4096);
  const parties = (
    [
      ['consignee', text('consignee', 4096)],
      ['carrier', text('shipping_company', 4096)],
    ] as const
  ).flatMap(([role, name]) => (name === '' ? [] : [{ role, name }]));
  const consignment = {
    ...(parties.length === 0 ? {} : { parties }),
    ...(vessel === '' ? {} : { means: [{ name: vessel }] }),
  };
  return {
    ...(operator === '' ? {} : { history: [{ kind: 'acquisition', operator }] }),
    ...(Object.keys(consignment).length === 0 ? {} : { consignments: [consignment] }),
  };
}

/** Operators put the lorry's plate where a ship's name is asked for. It looks like one: that is a hint, no plate. */
function warnOfPlate(xml: XmlDocument | undefined, sdk: Sdk): void {
  const vessel = field(xml, 'name_vessel', sdk);
  if (!/^[\p{L}\p{N} -]{4,12}$/u.test(vessel) || !/\p{N}{2,}/u.test(vessel)) return;
  const message = 'The name of the vessel looks like the plate of a vehicle';
  sdk.warn('NII_W_FIELD_SWAPPED', { field: 'name_vessel', value: vessel, message });
}

function attachmentsOf(files: readonly ConverterFile[]): NonNullable<Converted['attachments']> {
  return files.flatMap(({ name, role }) => {
    if (role === 'metadata') return [{ name, kind: 'metadata', mediaType: 'application/xml' }];
    return role === 'picture' || role === 'icon' ? [{ name, kind: 'picture', mediaType: 'image/jpeg' }] : [];
  });
}

function vendorOf(
  images: readonly Image[],
  metadata: readonly Metadata[],
  sdk: Sdk,
): Readonly<Record<string, Json>> {
  return Object.fromEntries([
    ...images.map(({ file }): [string, Json] => [
      file.name,
      { header: sdk.hex(file.bytes.subarray(0, HEADER_BYTES)) },
    ]),
    ...metadata.map(({ file, xml }): [string, Json] => [
      file.name,
      { [xml.root.name]: withoutPlaced(sdk.toJson(xml.root)) },
    ]),
  ]);
}

function withoutPlaced(json: Json): Json {
  if (Array.isArray(json)) return json.map(withoutPlaced);
  if (typeof json !== 'object' || json === null) return json;
  const kept = Object.entries(json).filter(([name]) => !placed.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutPlaced(inner)]));
}
