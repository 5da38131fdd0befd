import { describe, expect, test } from 'vitest';
import { read as readN42 } from '../../../converters/n42/reader.ts';
import { read as readLines } from '../../../converters/rpm-lines/reader.ts';
import { read as readForm } from '../../../converters/smiths-dataform/reader.ts';
import { parseXml, xmlRootName, xmlToJson } from '../../../src/codec/xml/xml.ts';
import { fileInMemory } from '../../../src/convert/converter-file.ts';
import { parseJson, toolbox } from '../../../src/convert/tools/toolbox.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { layoutReader } from '../../../src/layouts/layout.ts';
import type { Converted, ConverterFile, Sdk } from '../../../src/sdk/sdk.ts';

/**
 * Reading four times the text takes about four times the processor, and not sixteen times: whoever writes the text cannot
 * choose what it costs. Of several runs the shortest counts, and what is over in a moment is too short to compare.
 */
const TIMES = 4;
/** Between what is linear (4) and what is quadratic (16): memory that is collected costs a run up to twice its time. */
const MOST = 8;
const RUNS = 3;
const MOMENT_MS = 20;
/** Other work on the machine costs a run its caches: only what is slow each time is slow. */
const ATTEMPTS = 8;
const FIRST_BYTES = 50_000;
/** From here on what a text costs is compared; beyond, it must be linear up to the ceiling of nodes. */
const LAST_BYTES = 800_000;

type Read = (bytes: Uint8Array) => unknown;

function cpuMs(read: Read, bytes: Uint8Array): number {
  const before = process.cpuUsage();
  try {
    read(bytes);
  } catch (error) {
    if (!isNiiError(error)) throw error;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function shortest(read: Read, bytes: Uint8Array): number {
  return Math.min(...Array.from({ length: RUNS }, () => cpuMs(read, bytes)));
}

/** Doubles the text until its reading takes long enough to be compared, then compares it with four times as much. */
function expectLinear(read: Read, make: (bytes: number) => string): void {
  let size = FIRST_BYTES;
  let once = shortest(read, Buffer.from(make(size)));
  while (once < MOMENT_MS && size < LAST_BYTES) {
    size *= 2;
    once = shortest(read, Buffer.from(make(size)));
  }
  const larger = Buffer.from(make(size * TIMES));
  let longer = shortest(read, larger);
  for (let i = 1; i < ATTEMPTS && longer > MOST * Math.max(once, MOMENT_MS); i += 1) {
    once = shortest(read, Buffer.from(make(size)));
    longer = shortest(read, larger);
  }
  expect(longer, `${size} bytes took ${once} ms`).toBeLessThanOrEqual(MOST * Math.max(once, MOMENT_MS));
}

const times = (part: string) => (bytes: number) => part.repeat(Math.ceil(bytes / part.length));
const inside =
  (part: string, before = '<a>', after = '</a>') =>
  (bytes: number) =>
    `${before}${times(part)(bytes)}${after}`;
const numbered = (part: (i: number) => string) => (bytes: number) =>
  Array.from({ length: Math.ceil(bytes / part(10_000).length) }, (_, i) => part(i)).join('');

const xml: readonly (readonly [string, (bytes: number) => string])[] = [
  ['ampersands', inside('&')],
  ['ampersands in an attribute', inside('&', '<a b="', '"/>')],
  ['entities', inside('&amp;')],
  ['lone brackets', inside('<')],
  ['tags that never end', inside('<x y="')],
  ['tags without a value', inside('b ', '<r><a ', '/></r>')],
  ['blanks in a tag', inside(' ', '<a ', '/>')],
  ['blanks in a tag that is none', inside(' ', '<r><a ', '!/></r>')],
  ['quotes in a tag', inside('""', '<r><a ', '</r>')],
  ['quotes of both kinds', inside(`"'`, '<r><a ', '</r>')],
  ['blanks behind a name that closes', inside(`</b${' '.repeat(50)}`)],
  ['comments', inside('<!---->')],
  ['comments that never end', inside('<!--')],
  ['sections that never end', inside('<![CDATA[')],
  ['instructions', inside('<?x?>')],
  ['elements', inside('<b>x</b>')],
  ['elements that close nothing', inside('</b>')],
  ['elements that are never closed', inside(`${'<b>'.repeat(20)}</a>`, '<r><a>', '</r>')],
  ['text between elements', inside('x<b/>')],
  ['attributes', (bytes) => `<a ${numbered((i) => `b${i}="1" `)(bytes)}/>`],
  ['line ends', inside('\r\n')],
  ['blanks before the root', (bytes) => `${' '.repeat(bytes)}<a/>`],
  ['blanks in a declaration', (bytes) => `<?xml ${' '.repeat(bytes)}`],
];

describe('XML of four times the length takes about four times the time:', () => {
  test.each(xml)('%s', (_what, make) => {
    expectLinear((bytes) => {
      xmlRootName(bytes.subarray(0, 4096));
      xmlToJson(parseXml(bytes, { depth: 32 }).root);
    }, make);
  });

  test('4 MiB of ampersands take less than a second of the processor', () => {
    const bytes = Buffer.from(`<DataForm>${'&'.repeat(4 * 2 ** 20)}</DataForm>`);
    const ms = shortest((text) => parseXml(text, { depth: 32 }), bytes);
    console.log(`4 MiB of ampersands: ${Math.round(ms)} ms of the processor`);
    expect(ms).toBeLessThan(1_000);
  });
});

describe('JSON of four times the length takes about four times the time:', () => {
  test.each([
    ['quotes that a string escapes and never ends', (bytes: number) => `"${times('\\"')(bytes)}`],
    ['one long string', (bytes: number) => `"${'x'.repeat(bytes)}"`],
    ['backslashes', (bytes: number) => `"${'\\\\'.repeat(bytes / 2)}"`],
    ['strings', (bytes: number) => `[${times('"a",')(bytes)}1]`],
    ['brackets that open and close', (bytes: number) => `[${times('[],')(bytes)}1]`],
    ['keys', (bytes: number) => `{${numbered((i) => `"k${i}":1,`)(bytes)}"z":1}`],
  ])('%s', (_what, make) => {
    expectLinear((bytes) => parseJson({ name: 'a.json', bytes }, { depth: 32 }), make);
  });
});

type Reader = (files: readonly ConverterFile[], sdk: Sdk) => Converted | Promise<Converted>;

/** A reader on one file; what it answers later is waited for nowhere, since texts are read before. */
function one(reader: Reader, role: string, name: string): Read {
  return (bytes) => {
    const { sdk } = toolbox(defaultLimits);
    const answer = reader([fileInMemory({ name, role, complete: true }, bytes)], sdk);
    if (answer instanceof Promise) answer.catch(() => undefined);
  };
}

const dataForm = (part: string) => inside(part, '<DataForm>', '</DataForm>');

describe('a DataForm of four times the length takes about four times the time:', () => {
  test.each([
    ['container numbers', dataForm('<ContainerId>MSKU1234565</ContainerId>')],
    ['resources', dataForm('<Resource Type="img">a.img</Resource>')],
    [
      'operations',
      inside(
        '<Operation Type="3"><Start>1</Start></Operation>',
        '<DataForm><Operations>',
        '</Operations></DataForm>',
      ),
    ],
    [
      'trailers',
      inside(
        '<Trailer><PlateNumber>x</PlateNumber></Trailer>',
        '<DataForm><AdminData><Vehicle><Trailers>',
        '</Trailers></Vehicle></AdminData></DataForm>',
      ),
    ],
    ['ampersands', dataForm('&')],
  ])('%s', (_what, make) => expectLinear(one(readForm, 'metadata', 'form.xml'), make));
});

const n42 = (part: string) =>
  inside(
    part,
    '<RadInstrumentData xmlns="http://physics.nist.gov/N42/2011/N42"><RadInstrumentInformation id="i"/>',
    '</RadInstrumentData>',
  );
const measurement = (i: number) =>
  `<RadMeasurement id="m${i}"><MeasurementClassCode>Foreground</MeasurementClassCode><RealTimeDuration>PT1S</RealTimeDuration><GrossCounts id="g${i}" radDetectorInformationReference="d"><CountData>1</CountData></GrossCounts></RadMeasurement>`;

describe('an N42 document of four times the length takes about four times the time:', () => {
  test.each([
    ['measurements', (bytes: number) => n42('')(0).replace('</Rad', `${numbered(measurement)(bytes)}</Rad`)],
    [
      'detectors',
      (bytes: number) =>
        n42('')(0).replace('</Rad', `${numbered((i) => `<RadDetectorInformation id="d${i}"/>`)(bytes)}</Rad`),
    ],
    [
      'counts',
      (bytes: number) =>
        n42('')(0).replace(
          '</Rad',
          `<RadMeasurement id="m"><Spectrum id="s"><ChannelData>${times('1 ')(bytes)}</ChannelData></Spectrum></RadMeasurement></Rad`,
        ),
    ],
    [
      'blanks in counts',
      (bytes: number) =>
        n42('')(0).replace(
          '</Rad',
          `<RadMeasurement id="m"><Spectrum id="s"><ChannelData>1${' '.repeat(bytes)}x</ChannelData></Spectrum></RadMeasurement></Rad`,
        ),
    ],
    [
      'spectra of the edition of 2006',
      inside(
        '<Spectrum><ChannelData>1</ChannelData></Spectrum>',
        '<N42InstrumentData><Measurement><DetectorStatus Occupied="true"/>',
        '</Measurement></N42InstrumentData>',
      ),
    ],
    [
      'characteristics',
      n42(
        '<RadItemInformation id="i"><RadItemCharacteristics><Characteristic><CharacteristicName>Container Number</CharacteristicName><CharacteristicValue>MSKU1234565</CharacteristicValue></Characteristic></RadItemCharacteristics></RadItemInformation>',
      ),
    ],
  ])('%s', (_what, make) => expectLinear(one(readN42, 'record', 'a.n42'), make));
});

describe('lines of a portal of four times the length take about four times the time:', () => {
  test.each([
    ['lines of one occupancy', times('GA,000123,000124,000125,000126\n')],
    ['occupancies', numbered((i) => `GS,1,2,3,4\nGX,${i},1\n`)],
    ['backgrounds', times('GB,1,2,3,4\n')],
    ['lines that are none', times('ZZZZ\n')],
    ['one line of commas', times(',')],
    ['one line of blanks', (bytes: number) => `GB,${' '.repeat(bytes)}x`],
    ['line ends', times('\r\n')],
  ])('%s', (_what, make) => expectLinear(one(readLines, 'record', 'gate.txt'), make));
});

const ini = layoutReader(
  {
    kind: 'mapped',
    fields: { width: { file: 'metadata', key: 'Width' }, container: { file: 'metadata', key: 'Container' } },
    views: [],
    units: { containers: ['container'] },
  } as unknown as Parameters<typeof layoutReader>[0],
  'ini',
);

describe('a text of keys and values of four times the length takes about four times the time:', () => {
  test.each([
    ['keys', numbered((i) => `Key${i}=1\n`)],
    ['separators', times('=')],
    ['blanks', (bytes: number) => `Width${' '.repeat(bytes)}=1`],
    ['line ends', times('\n')],
  ])('%s', (_what, make) => expectLinear(one(ini, 'metadata', 'a.ini'), make));
});
