import type { Channel, InspectionUnit, NiiScan, View } from '../../../../src/core/scan/scan.ts';
import { ids } from '../../../support/scan.ts';
import { framesOfOne, isPalette, offsetOf } from './forms.ts';
import type { DcmtkElement } from './tools.ts';
import type { WrittenChannel } from './written.ts';

/**
 * Attribute by attribute, the field of `scan.json` that a DICOS DX file takes its value from, written apart from the
 * encoder. `undefined`: the attribute is not there for such a record. A RegExp: a UID, which is a hash of names.
 */
export interface Mapping {
  readonly tag: string;
  /** Path in the record, or what else the value is. */
  readonly from: string;
  readonly value: (one: WrittenChannel) => readonly unknown[] | RegExp | undefined;
}

const row = (tag: string, from: string, value: Mapping['value']): Mapping => ({ tag, from, value });
const fixed = (tag: string, ...value: readonly unknown[]) => row(tag, 'constant', () => value);

/** Text as a VR holds it: no separators or control characters, cut, UNKNOWN for none. */
function words(value: string | undefined, most = 64): readonly string[] {
  const printable = [...(value ?? '')].map((letter) => (letter < ' ' || letter === '\\' ? ' ' : letter));
  const cut = printable.join('').trim().slice(0, most).trim();
  return [cut === '' ? 'UNKNOWN' : cut];
}

const moment = ({ scan }: WrittenChannel) => scan.acquired.utc ?? ids.receivedAt;
const dateOf = (utc: string) => new Date(utc).toISOString().slice(0, 10).replaceAll('-', '');
const timeOf = (utc: string) => new Date(utc).toISOString().slice(11, 23).replaceAll(':', '');
const containers = (scan: NiiScan) => scan.units.flatMap((unit) => unit.containers);
const opaque = ({ channel }: WrittenChannel) => channel.polarity === 'high-is-opaque';
const isFloat = ({ channel }: WrittenChannel) => channel.sampleFormat === 'float';
const lossy = ({ scan }: WrittenChannel) => scan.warnings.filter(({ code }) => code === 'NII_W_LOSSY');
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const cargo: readonly string[] = ['container', 'trailer', 'wagon', 'tractor', 'cab', 'vehicle'];
function typeOf(unit: InspectionUnit | undefined): string {
  if (cargo.includes(unit?.kind ?? '')) return 'CARGO';
  return unit?.kind === 'bag' || unit?.kind === 'parcel' ? 'BAGGAGE' : 'OTHER';
}

function descriptorOf({ units }: NiiScan): string {
  const list = (name: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${name}${[...new Set(values)].join(', ')}`];
  return [
    ...list(
      '',
      units.map(({ kind }) => kind),
    ),
    ...list(
      'plates ',
      units.flatMap(({ plates }) => plates),
    ),
    ...list(
      'seals ',
      units.flatMap(({ seals }) => seals),
    ),
    ...list(
      'declarations ',
      units.flatMap(({ declarations }) => declarations),
    ),
    ...units.flatMap(({ description }) => (description === undefined ? [] : [description])),
  ].join('; ');
}

function imageTypeOf({ kind, energy }: Channel): readonly string[] {
  if (kind === 'class-map' || kind === 'display') return ['DERIVED', 'INTENSITY'];
  const measured = kind === 'transmission' && (energy === 'high' || energy === 'low');
  return ['ORIGINAL', measured ? `${energy.toUpperCase()} ENERGY` : 'INTENSITY'];
}

function commentOf({ scan, channel }: WrittenChannel): readonly string[] | undefined {
  const received =
    'The time of the scan is not known: date and time are those at which the files were received.';
  const said = [
    meaningOf(channel),
    ...formOf(channel),
    scan.acquired.utc === undefined ? received : undefined,
  ];
  const comment = said.filter((part) => part !== undefined).join(' ');
  return comment === '' ? undefined : [comment];
}

function formOf(channel: Channel): readonly string[] {
  const [offset, components] = [offsetOf(channel), framesOfOne(channel)];
  return [
    ...(offset > 0 ? [`The samples are signed: ${offset} was added to each.`] : []),
    ...(components > 1
      ? [
          `Each pixel has ${components} samples: they are the frames, ${components} for each of ${channel.frames}.`,
        ]
      : []),
  ];
}

function meaningOf({ kind, legend = [] }: Channel): string | undefined {
  if (kind === 'unknown') return 'What the values measure is not known.';
  if (kind !== 'class-map') return undefined;
  const classes = legend.map(({ from, to, label }) => `${from === to ? from : `${from}-${to}`} ${label}`);
  const known = classes.length === 0 ? 'The legend is not known.' : `${classes.join('; ')}.`;
  return `Values are classes, not intensities and not effective atomic numbers. ${known}`;
}

/** Numbers of ISO 6346 are the BIC's in every country. */
function issuerOf(state: string | undefined): string {
  return state === 'valid' || state?.endsWith('check-digit') === true ? 'BIC' : ids.administration;
}

function otherIds(scan: NiiScan): readonly unknown[] {
  return containers(scan)
    .slice(1)
    .map(({ value, state }) => ({
      '00100020': { vr: 'LO', Value: words(value) },
      '00100021': { vr: 'LO', Value: [issuerOf(state)] },
      '00100022': { vr: 'CS', Value: ['TEXT'] },
    }));
}

function energiesOf({ views }: NiiScan): number {
  const measured = views.flatMap(({ channels }) => channels).filter(({ kind }) => kind === 'transmission');
  return Math.max(1, new Set(measured.map(({ energy }) => energy ?? 'single')).size);
}

function paddingOf(one: WrittenChannel): readonly number[] | undefined {
  const { invalidValue, bitsAllocated } = one.channel;
  return invalidValue === undefined || bitsAllocated > 16 || isFloat(one)
    ? undefined
    : [invalidValue + offsetOf(one.channel)];
}

/** Every value of 8 bits; of 16 those of the legend and one more, for all others. */
function paletteEntries({ channel }: WrittenChannel): readonly number[] | undefined {
  if (!isPalette(channel)) return undefined;
  const last = Math.max(...(channel.legend ?? []).map(({ to }) => to));
  return [channel.bitsAllocated === 8 ? 256 : last + 2, 0, 16];
}

const storedBits = ({ channel }: WrittenChannel) =>
  offsetOf(channel) > 0 || isPalette(channel) || channel.bitsAllocated === 8
    ? channel.bitsAllocated
    : channel.bitsStored;

/** The turn of a view, one step after the other, of the corners of the stored picture. */
function turned({ view: { display }, channel }: WrittenChannel) {
  if (channel.samplesPerPixel === 2) return (column: number, row: number) => [column, row] as const;
  const steps = { flipRows: display.flipRows, quarters: display.rotate / 90, mirror: display.flipColumns };
  return (column: number, row: number) => {
    let [x, y, wide, high] = [
      column,
      steps.flipRows ? channel.rows - 1 - row : row,
      channel.columns,
      channel.rows,
    ];
    for (let i = 0; i < steps.quarters; i += 1) [x, y, wide, high] = [y, wide - 1 - x, high, wide];
    return [steps.mirror ? wide - 1 - x : x, y] as const;
  };
}

const isQuarter = ({ view, channel }: WrittenChannel) =>
  channel.samplesPerPixel !== 2 && view.display.rotate % 180 !== 0;

/** The stored corner that becomes the first sample. */
function firstPlaceOf(one: WrittenChannel): readonly number[] {
  const { rows, columns, pitch } = one.channel;
  const corners = [0, columns - 1].flatMap((column) => [0, rows - 1].map((row) => [column, row] as const));
  const turn = turned(one);
  const [column, row] = corners.find(([x, y]) => turn(x, y).every((value) => value === 0)) ?? [0, 0];
  const decimal = (value: number) => Number(String(value).slice(0, 16));
  return [decimal(column * (pitch?.columnMm ?? 1)), decimal(row * (pitch?.rowMm ?? 1)), 0];
}

/** Where a step along a row and a step down a column of the file lead in the stored picture. */
function directionsOf(view: View, channel: Channel): readonly number[] {
  const wide = { ...channel, rows: 9, columns: 9 };
  const turn = turned({ view, channel: wide } as WrittenChannel);
  const at = (x: number, y: number) => {
    for (let column = 0; column < 9; column += 1)
      for (let row = 0; row < 9; row += 1) if (turn(column, row).join() === `${x},${y}`) return [column, row];
    return [0, 0];
  };
  const [origin, across, down] = [at(4, 4), at(5, 4), at(4, 5)];
  const step = (to: readonly number[]) => to.map((value, i) => value - (origin[i] ?? 0));
  return [...step(across), 0, ...step(down), 0];
}

const articles: Readonly<Record<string, string>> = {
  calibration: 'CALIBRATION',
  'image-quality-test': 'GIQ',
};
const uid = /^2\.25\.[1-9][0-9]{0,38}$/;

export const dxMapping: readonly Mapping[] = [
  row('00080005', 'constant, where a text needs it', () => ['ISO_IR 192']),
  row('00080008', 'views[].channels[].kind, energy', ({ channel }) => imageTypeOf(channel)),
  row('00080012', 'received', () => [dateOf(ids.receivedAt)]),
  row('00080013', 'received', () => [timeOf(ids.receivedAt)]),
  fixed('00080016', '1.2.840.10008.5.1.4.1.1.501.2.2'),
  row('00080018', 'scan, revision, view, channel', () => uid),
  ...['00080020', '00080021', '00080023'].map((tag) =>
    row(tag, 'acquired.utc, else received', (one) => [dateOf(moment(one))]),
  ),
  ...['00080030', '00080031', '00080033'].map((tag) =>
    row(tag, 'acquired.utc, else received', (one) => [timeOf(moment(one))]),
  ),
  fixed('00080060', 'XRAY'),
  fixed('00080068', 'FOR PROCESSING'),
  row('00080070', 'source.manufacturer', ({ scan }) => words(scan.source.manufacturer)),
  row('00080080', 'source.site, else ours', ({ scan }) => words(scan.source.site ?? ids.site)),
  fixed('00080081', 'UNKNOWN'),
  fixed('00080118', 'MACHINE'),
  row('00080201', 'acquired.zone', ({ scan }) => (scan.acquired.zone === 'stated' ? ['+0000'] : undefined)),
  row('00081010', 'source.scannerId', ({ scan }) => words(scan.source.scannerId, 16)),
  fixed('00081030', `${ids.scanId} revision ${ids.revision}`),
  row('0008103E', 'views[].name or id, channel id', ({ view, channel }) =>
    words(`${view.name ?? view.id} ${channel.id}`),
  ),
  row('00081090', 'source.model', ({ scan }) => words(scan.source.model)),
  fixed('00082108', 'RHS'),
  row('00082111', 'views[].channels[].kind', ({ channel: { kind } }) =>
    kind === 'class-map'
      ? ['Class map of the scanner']
      : kind === 'display'
        ? ['Picture rendered by the scanner']
        : undefined,
  ),
  row('00100020', 'units[].containers[0].value, else scan id', ({ scan }) =>
    words(containers(scan)[0]?.value ?? ids.scanId),
  ),
  row('00100021', 'units[].containers[0].state', ({ scan }) => [issuerOf(containers(scan)[0]?.state)]),
  fixed('00100022', 'TEXT'),
  row('00101002', 'units[].containers[1..].value', ({ scan }) => otherIds(scan)),
  row('00180060', 'views[].channels[].nominalEnergyMev in kV', ({ channel }) => [
    (channel.nominalEnergyMev ?? 0) * 1000,
  ]),
  row('00181000', 'source.serial', ({ scan }) => words(scan.source.serial)),
  row('00181020', 'source.software', ({ scan }) => words(scan.source.software)),
  row('00181164', 'views[].channels[].pitch, unless assumed', (one) => {
    const { pitch } = one.channel;
    if (pitch === undefined || pitch.source === 'assumed') return undefined;
    return isQuarter(one) ? [pitch.columnMm, pitch.rowMm] : [pitch.rowMm, pitch.columnMm];
  }),
  fixed('00181200', '19000101'),
  fixed('00181201', '000000'),
  fixed('00187004'),
  fixed('00188151', 0),
  row('0020000D', 'scan', () => uid),
  row('0020000E', 'scan, revision, view, channel', () => uid),
  row('00200010', 'scan id', () => words(ids.scanId, 16)),
  row('00200013', 'place of the channel in the record', ({ number }) => [number]),
  row('00200032', 'views[].display, channels[].pitch', firstPlaceOf),
  row('00200037', 'views[].display', ({ view, channel }) => directionsOf(view, channel)),
  row('00204000', 'views[].channels[].legend', commentOf),
  fixed('00280002', 1),
  row('00280004', 'views[].channels[].polarity, legend', (one) => {
    if (isPalette(one.channel)) return ['PALETTE COLOR'];
    return [opaque(one) ? 'MONOCHROME1' : 'MONOCHROME2'];
  }),
  row('00280008', 'views[].channels[].frames, samplesPerPixel', ({ channel }) => {
    const frames = channel.frames * framesOfOne(channel);
    return frames > 1 ? [frames] : undefined;
  }),
  row('00280010', 'views[].channels[].rows, or columns by a quarter turn', (one) => [
    isQuarter(one) ? one.channel.columns : one.channel.rows,
  ]),
  row('00280011', 'views[].channels[].columns, or rows by a quarter turn', (one) => [
    isQuarter(one) ? one.channel.rows : one.channel.columns,
  ]),
  row('00280100', 'views[].channels[].bitsAllocated', ({ channel }) => [channel.bitsAllocated]),
  row('00280101', 'views[].channels[].bitsStored, sampleFormat', (one) =>
    isFloat(one) ? undefined : [storedBits(one)],
  ),
  row('00280102', 'views[].channels[].bitsStored, sampleFormat', (one) =>
    isFloat(one) ? undefined : [storedBits(one) - 1],
  ),
  row('00280103', 'constant, of integers', (one) => (isFloat(one) ? undefined : [0])),
  row('00280120', 'views[].channels[].invalidValue', paddingOf),
  fixed('00280301', 'NO'),
  row('00281040', 'views[].channels[].kind, polarity', ({ channel: { kind, polarity } }) =>
    kind === 'transmission' && polarity === 'high-is-transparent' ? ['LIN'] : undefined,
  ),
  row('00281041', 'views[].channels[].polarity, kind', (one) =>
    one.channel.kind === 'class-map' ? undefined : [opaque(one) ? -1 : 1],
  ),
  row('00281052', 'views[].channels[].sampleFormat', ({ channel }) => [0 - offsetOf(channel)]),
  fixed('00281053', 1),
  fixed('00281054', 'US'),
  ...['00281101', '00281102', '00281103'].map((tag) => row(tag, 'views[].channels[].legend', paletteEntries)),
  row('00282110', 'warnings', (one) => [lossy(one).length > 0 ? '01' : '00']),
  row('00282112', 'views[].channels[].bytes, originals[].bytes', (one) => {
    if (lossy(one).length === 0) return undefined;
    const samples = sum(one.scan.views.flatMap(({ channels }) => channels.map(({ bytes }) => bytes)));
    const files = sum(one.scan.originals.map(({ bytes }) => bytes));
    return [Math.max(1, Math.round((100 * samples) / files) / 100)];
  }),
  row('00282114', 'warnings[].value', (one) => {
    const [first] = lossy(one);
    return first === undefined
      ? undefined
      : [/^ISO_\d+_\d+$/.test(first.value ?? '') ? first.value : 'UNKNOWN'];
  }),
  fixed('00400555'),
  fixed('00410010', 'NII-HUB 1.0'),
  row('20500020', 'views[].channels[].polarity', (one) => [opaque(one) ? 'INVERSE' : 'IDENTITY']),
  fixed('4010103A', 'V03'),
  row('40101042', 'units[0].kind', ({ scan }) => [typeOf(scan.units[0])]),
  row('40101044', 'completeness', ({ scan }) => [
    scan.completeness === 'incomplete' ? 'INCOMPLETE' : 'SUCCESSFUL',
  ]),
  row('40101046', 'purpose', ({ scan }) => {
    const article = articles[scan.purpose];
    return article === undefined ? undefined : [article];
  }),
  row('40101048', 'purpose', ({ scan }) => [
    scan.purpose === 'operational' ? 'OPERATIONAL' : 'NON_OPERATIONAL',
  ]),
  fixed('40101064'),
  row('40101068', 'units[] in words', ({ scan }) => words(descriptorOf(scan), 10_240)),
  fixed('43000902', 0),
  row('61000024', 'place of the view', ({ scan, view }) => [scan.views.indexOf(view) + 1]),
  row('61000026', 'views[].name, else id', ({ view }) => words(view.name ?? view.id)),
  row('61000028', 'views[]', ({ scan }) => [scan.views.length]),
  row('61000030', 'place of the channel in its view', ({ view, channel }) => [
    view.channels.indexOf(channel) + 1,
  ]),
  row('61000031', 'views[].channels[].energy, nominalEnergyMev', ({ channel }) => {
    const nominal = channel.nominalEnergyMev === undefined ? '' : ` ${channel.nominalEnergyMev} MeV`;
    return words(`${channel.energy ?? channel.kind}${nominal}`);
  }),
  row('61000032', 'views[].channels[].energy', ({ scan }) => [energiesOf(scan)]),
];

/** What DCMTK shows by them is compared apart. */
const paletteTables = ['00281201', '00281202', '00281203'];

/** What differs between the mapping of a record and what dcm2json read; the private block is compared apart. */
export function differences(
  one: WrittenChannel,
  json: Readonly<Record<string, DcmtkElement>>,
): readonly string[] {
  const known = new Set([...dxMapping.map(({ tag }) => tag), '00411001', ...paletteTables]);
  const unmapped = Object.keys(json).filter((tag) => !known.has(tag));
  return [
    ...unmapped.map((tag) => `${tag} is not mapped`),
    ...dxMapping.flatMap((line) => wrong(line, one, json)),
  ];
}

function wrong(
  { tag, from, value }: Mapping,
  one: WrittenChannel,
  json: Readonly<Record<string, DcmtkElement>>,
): readonly string[] {
  const element = json[tag];
  const expected = value(one);
  if (tag === '00080005' && element === undefined) return [];
  if (expected === undefined) return element === undefined ? [] : [`${tag} (${from}) should be absent`];
  if (element === undefined) return [`${tag} (${from}) is absent`];
  const read = element.Value ?? [];
  const same =
    expected instanceof RegExp
      ? read.length === 1 && expected.test(String(read[0]))
      : JSON.stringify(read) === JSON.stringify(expected);
  return same ? [] : [`${tag} (${from}) is ${JSON.stringify(read)}, not ${String(expected)}`];
}

/** Attributes of scan, object, equipment: the same in a report of the scan. */
const ofScan = new Set(
  (
    '00080020 00080030 00080070 00080080 00080081 00080201 00081010 00081030 00081090 00100020 00100021 00100022 ' +
    '00101002 00181000 00181020 00181200 00181201 0020000D 00200010 4010103A 40101042 40101044 40101046 40101048 ' +
    '40101064 40101068 61000028 61000032'
  ).split(' '),
);

/** What differs between the record and what dcm2json read of a report on all of it. */
export function reportDifferences(
  scan: NiiScan,
  json: Readonly<Record<string, DcmtkElement>>,
): readonly string[] {
  const [view] = scan.views;
  const [channel] = view?.channels ?? [];
  if (view === undefined || channel === undefined) return ['a scan without channels'];
  const one = { scan, view, channel, plane: new Uint8Array(), number: 1, path: '' };
  return dxMapping.filter(({ tag }) => ofScan.has(tag)).flatMap((line) => wrong(line, one, json));
}
