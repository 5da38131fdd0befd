import type {
  Converted,
  ConvertedChannel,
  ConverterFile,
  Json,
  Sdk,
  XmlDocument,
  XmlNode,
} from '../../src/sdk/sdk.ts';

const HEADER_BYTES = 16;
/** Between pixels and XML; what they mean is unknown. */
const OPAQUE_BYTES = 48;
const VIEW = 'main';

/** Words behind the type that are the same in every file that was seen: offset, value. */
const constants: readonly (readonly [number, number])[] = [
  [10, 0],
  [12, 2],
  [14, 0],
];

/** Panels of one row by line-data type, from left to right. */
const panelsOfType: Readonly<Record<number, readonly string[]>> = {
  2: ['single'],
  3: ['low', 'high', 'material'],
};

interface Header {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly string[];
}

/** One file: header, pixels of one or three panels, 48 bytes, XML with the container. */
export function read(files: readonly ConverterFile[], sdk: Sdk): Converted {
  const file = onlyFile(files, sdk);
  const header = headerOf(file, sdk);
  const { pixels, opaque, rest } = partsOf(file, header, sdk);
  const xml = rest.length === 0 ? undefined : metadataOf(file, rest, sdk);
  const information = xml === undefined ? {} : itemsOf(xml, sdk);
  sdk.warn('NII_W_PITCH_UNKNOWN');
  return {
    source: { format: 'ase', manufacturer: 'AS&E' },
    acquired: { zone: 'unknown' },
    units: sdk.units(sdk.containers(textOf(information.ContainerInfo), 'operator', 'ContainerInfo')),
    views: [
      {
        id: VIEW,
        display: { flipRows: false, rotate: 90, flipColumns: false },
        channels: header.panels.map((id) => channelOf(id, header)),
      },
    ],
    planes: new Map(header.panels.map((id, i) => [sdk.planeKey(VIEW, id), panelOf(pixels, header, i, sdk)])),
    attachments: files
      .filter(({ role }) => role === 'picture')
      .map(({ name }) => ({ name, kind: 'picture', mediaType: 'image/jpeg' })),
    vendor: { [file.name]: vendorOf(file, opaque, information, xml, sdk) },
  };
}

function onlyFile(files: readonly ConverterFile[], sdk: Sdk): ConverterFile {
  const images = files.filter(({ role }) => role === 'image');
  const [file] = images;
  if (file === undefined || images.length > 1) {
    throw sdk.error('NII_MALFORMED', `${images.length} image files where a scan has one`);
  }
  return file;
}

function headerOf(file: ConverterFile, sdk: Sdk): Header {
  const reader = sdk.reader(file).seek(4);
  const width = reader.u16le();
  const height = reader.u16le();
  const type = reader.u16le();
  const panels = panelsOfType[type];
  if (panels === undefined) {
    throw sdk.error('NII_UNSUPPORTED_VARIANT', `${file.name}: line-data type ${type}; 2 and 3 are read`, 8);
  }
  if (width % panels.length !== 0) {
    throw reader.malformed(`${width} columns do not divide into ${panels.length} panels`, 4);
  }
  sdk.pixels(height, width);
  checkConstants(file, sdk);
  return { width, height, panels };
}

function checkConstants(file: ConverterFile, sdk: Sdk): void {
  const reader = sdk.reader(file);
  for (const [offset, expected] of constants) {
    const value = reader.seek(offset).u16le();
    if (value !== expected) sdk.warn('NII_W_HEADER_CONSTANT', { field: `@${offset}`, value: String(value) });
  }
}

interface Parts {
  readonly pixels: Uint8Array;
  readonly opaque: Uint8Array;
  readonly rest: Uint8Array;
}

/** A file without tail is whole as far as its pixels go; one whose pixels end early is not. */
function partsOf(file: ConverterFile, { width, height }: Header, sdk: Sdk): Parts {
  const reader = sdk.reader(file).seek(HEADER_BYTES);
  if (reader.remaining < width * height * 2) refuseShort(file, width * height * 2, reader.remaining, sdk);
  const pixels = reader.take(width * height * 2);
  if (reader.remaining < OPAQUE_BYTES) {
    const message = 'The bytes behind the pixels are cut off; container and metadata are missing';
    sdk.warn('NII_W_FIELD_MALFORMED', { field: file.name, message });
  }
  const opaque = reader.take(Math.min(OPAQUE_BYTES, reader.remaining));
  return { pixels, opaque, rest: reader.take(reader.remaining) };
}

/** Compressed or encrypted pixels are fewer than the header says, yet a tail stands behind them or they look random. */
function refuseShort(file: ConverterFile, expected: number, present: number, sdk: Sdk): never {
  const body = file.bytes.subarray(HEADER_BYTES);
  if (hasTail(body) || looksRandom(body)) {
    const detail = `${file.name}: the pixels are compressed or encrypted; only plain ones are read`;
    throw sdk.error('NII_UNSUPPORTED_VARIANT', detail, HEADER_BYTES);
  }
  const detail = `${file.name}: ${present} of ${expected} bytes of pixels are here`;
  throw sdk.error('NII_TRUNCATED', detail, file.bytes.length);
}

/** `</Metadata>` in UTF-16LE at the end: the file is not cut off. */
function hasTail(body: Uint8Array): boolean {
  const end = [...'</Metadata>'].flatMap((letter) => [letter.charCodeAt(0), 0]);
  const tail = body.subarray(-256);
  return tail.some((_, at) => end.every((byte, i) => tail[at + i] === byte));
}

const RANDOM_SAMPLE = 65_536;

/** Bits per byte near 8: detector counts never are, since neighbouring pixels share their high byte. */
function looksRandom(body: Uint8Array): boolean {
  const sample = body.subarray(0, RANDOM_SAMPLE);
  if (sample.length < 16_384) return false; // too little to tell
  const counts = new Uint32Array(256);
  for (const byte of sample) counts[byte] = (counts[byte] ?? 0) + 1;
  const bits = counts.reduce(
    (sum, n) => (n === 0 ? sum : sum - (n / sample.length) * Math.log2(n / sample.length)),
    0,
  );
  return bits > 7.95;
}

function panelOf(pixels: Uint8Array, { width, height, panels }: Header, index: number, sdk: Sdk): Uint8Array {
  const columns = width / panels.length;
  return sdk.gather(pixels, {
    rows: height,
    columns,
    item: 2,
    first: index * columns * 2,
    row: width * 2,
    column: 2,
    bigEndian: false,
  });
}

function channelOf(id: string, { width, height, panels }: Header): ConvertedChannel {
  return {
    id,
    rows: height,
    columns: width / panels.length,
    frames: 1,
    samplesPerPixel: 1,
    planar: false,
    bitsAllocated: 16,
    bitsStored: 16,
    sampleFormat: 'unsigned',
    ...measuredBy(id),
  };
}

/** The material panel is 16-bit and sparse; no legend of it is known. */
function measuredBy(id: string): Pick<ConvertedChannel, 'kind' | 'energy' | 'polarity'> {
  if (id === 'high' || id === 'low' || id === 'single') {
    return { kind: 'transmission', energy: id, polarity: 'high-is-transparent' };
  }
  return { kind: 'class-map', polarity: 'none' };
}

function metadataOf(file: ConverterFile, rest: Uint8Array, sdk: Sdk): XmlDocument | undefined {
  try {
    return sdk.xml({ ...file, name: `${file.name} metadata`, bytes: rest });
  } catch (error) {
    // The pixels are whole; what cannot be read behind them is kept in the original and said.
    const message = error instanceof Error ? error.message : 'not readable';
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'Metadata', message });
    return undefined;
  }
}

/** Bytes that are no text are kept as they were written. */
type ItemValue = string | { readonly base64: string };
type Items = Readonly<Record<string, ItemValue>>;

function textOf(value: ItemValue = ''): string {
  return typeof value === 'string' ? value : '';
}

/** `<Item><Value>base64</Value><Name>ContainerInfo</Name></Item>` by name. */
function itemsOf(xml: XmlDocument, sdk: Sdk): Items {
  const items = sdk.find(xml.root, 'Items')?.children ?? [];
  return Object.fromEntries(
    items.flatMap((item): readonly (readonly [string, ItemValue])[] => {
      const name = childText(item, 'Name', sdk);
      const value = childText(item, 'Value', sdk);
      return name === '' || value === '' ? [] : [[name, decodeValue(value, name, sdk)]];
    }),
  );
}

function childText(item: XmlNode, name: string, sdk: Sdk): string {
  return (sdk.find(item, name)?.text ?? '').trim();
}

/** Base64 of text, in UTF-8 or UTF-16LE as the bytes show; a value that is no base64 is taken as it stands. */
function decodeValue(value: string, name: string, sdk: Sdk): ItemValue {
  const compact = value.replace(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    sdk.warn('NII_W_FIELD_MALFORMED', { field: name, value });
    return value;
  }
  const bytes = new Uint8Array(Buffer.from(compact, 'base64'));
  const text = sdk.text({ name, bytes }).text.replace(/\0+$/, '');
  if (!/[^\P{Cc}\s]|\ufffd/u.test(text)) return text;
  sdk.warn('NII_W_FIELD_MALFORMED', { field: name, message: 'Bytes that are no text, kept as base64' });
  return { base64: compact };
}

function vendorOf(
  file: ConverterFile,
  opaque: Uint8Array,
  information: Items,
  xml: XmlDocument | undefined,
  sdk: Sdk,
): Json {
  return {
    header: sdk.hex(file.bytes.subarray(0, HEADER_BYTES)),
    opaque: sdk.hex(opaque),
    items: information,
    ...(xml === undefined ? {} : { [xml.root.name]: sdk.toJson(xml.root) }),
  };
}
