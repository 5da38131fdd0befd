import type { DataSet } from '../../codec/dicom/data-set.ts';
import { decimalString, numbers, sequence, text } from '../../codec/dicom/write/build.ts';
import { defined } from '../../core/defined.ts';
import { type Channel, type ChannelKind, channelsOf, type NiiScan } from '../../core/scan/scan.ts';
import { channelOfSection, type Section } from '../../core/scan/sections.ts';
import { firstSample, noTurn, stepsOf, type Turn } from '../../core/scan/turn.ts';
import type { Carried } from './carried.ts';
import type { DxIntent } from './ids.ts';
import { free } from './values.ts';

/** How DICOS describes the channels of one kind. */
interface DxDescription {
  /** Image Type: where the samples come from, and which energy they saw. */
  readonly imageType: (channel: Channel) => readonly [string, string];
  /** Image Comments: what the values mean where they are no intensities. */
  readonly meaning?: (channel: Channel) => string;
  /** Derivation Description. */
  readonly derivation?: string;
}

/**
 * A vendor's class map is drawn from several energies and is no effective atomic number, so it is not called
 * Z_EFFECTIVE.
 */
const descriptions: Readonly<Record<ChannelKind, DxDescription>> = {
  transmission: { imageType: (channel) => ['ORIGINAL', energyTerm(channel)] },
  backscatter: { imageType: () => ['ORIGINAL', 'INTENSITY'] },
  'class-map': {
    imageType: () => ['DERIVED', 'INTENSITY'],
    meaning: legendText,
    derivation: 'Class map of the scanner',
  },
  display: { imageType: () => ['DERIVED', 'INTENSITY'], derivation: 'Picture rendered by the scanner' },
  unknown: {
    imageType: () => ['ORIGINAL', 'INTENSITY'],
    meaning: () => 'What the values measure is not known.',
  },
};

function energyTerm({ energy }: Channel): string {
  if (energy === 'high') return 'HIGH ENERGY';
  return energy === 'low' ? 'LOW ENERGY' : 'INTENSITY';
}

interface Written {
  readonly intent: DxIntent;
  readonly section?: Section;
  readonly changes: Carried['changes'];
}

/** What the samples are, and how they are to be looked at. */
export function imageElements(
  scan: NiiScan,
  channel: Channel,
  { intent, section, changes }: Written,
): DataSet {
  const opaque = channel.polarity === 'high-is-opaque';
  return [
    text('00080068', 'CS', intent === 'presentation' ? 'FOR PRESENTATION' : 'FOR PROCESSING'),
    text('00080008', 'CS', ...descriptions[channel.kind].imageType(channel)),
    text('00080118', 'CS', 'MACHINE'),
    text('00082108', 'CS', 'RHS'),
    ...commentElements(scan, channel, { ...defined({ section }), changes }),
    text('20500020', 'CS', opaque ? 'INVERSE' : 'IDENTITY'),
    ...relationshipElements(channel),
    ...(channel.kind === 'class-map' ? [] : [numbers('00281041', 'SS', opaque ? -1 : 1)]),
    ...rescaleElements(changes),
    text('00280301', 'CS', 'NO'),
    ...lossyElements(scan),
    sequence('00400555'),
  ];
}

/** The value of the record for each stored sample: the offset of signed samples is taken off again. */
export function rescaleElements({ offset }: Carried['changes']): DataSet {
  return [
    text('00281052', 'DS', offset === undefined ? '0' : decimalString(-offset)),
    text('00281053', 'DS', '1'),
    text('00281054', 'LO', 'US'),
  ];
}

/** How values relate to what passed through the object; undefined where nobody knows. */
export function intensityRelationship({ kind, polarity }: Channel): 'LIN' | undefined {
  return kind === 'transmission' && polarity === 'high-is-transparent' ? 'LIN' : undefined;
}

function relationshipElements(channel: Channel): DataSet {
  const known = intensityRelationship(channel);
  return known === undefined ? [] : [text('00281040', 'CS', known)];
}

/**
 * Where the first sample lies, and the directions in which rows and columns of the file go: x along the stored columns,
 * y along the stored rows, in mm from the first stored sample of the whole channel; in samples where no pitch is known.
 */
export function placeElements(channel: Channel, turn: Turn | undefined, section?: Section): DataSet {
  const { rowRow, rowColumn, columnRow, columnColumn } = stepsOf(turn ?? noTurn);
  const sides = section === undefined ? channel : channelOfSection(channel, section);
  const first = firstSample(sides, turn ?? noTurn);
  const column = first.column + (section?.axis === 'columns' ? section.from : 0);
  const row = first.row + (section?.axis === 'rows' ? section.from : 0);
  const { columnMm = 1, rowMm = 1 } = channel.pitch ?? {};
  const directions = [columnColumn, columnRow, 0, rowColumn, rowRow, 0];
  return [
    text('00200032', 'DS', decimalString(column * columnMm), decimalString(row * rowMm), '0'),
    text('00200037', 'DS', ...directions.map(String)),
  ];
}

/** (0028,2114): what a converter may say of the compression that a file came with (PS3.3 C.7.6.1.1.5.1). */
const lossyMethods = new Set(['ISO_10918_1', 'ISO_14495_1', 'ISO_15444_1', 'ISO_15444_15']);

/** Lossy Image Compression of the files as they came; ours loses nothing. The ratio is samples to files. */
export function lossyElements(scan: NiiScan): DataSet {
  const lossy = scan.warnings.filter(({ code }) => code === 'NII_W_LOSSY');
  if (lossy.length === 0) return [text('00282110', 'CS', '00')];
  const samples = channelsOf(scan).reduce((total, { channel }) => total + channel.bytes, 0);
  const files = scan.originals.reduce((total, { bytes }) => total + bytes, 0);
  const ratio = Math.max(1, Math.round((100 * samples) / Math.max(1, files)) / 100);
  const methods = lossy.flatMap(({ value }) => (lossyMethods.has(value ?? '') ? [value ?? ''] : []));
  return [
    text('00282110', 'CS', '01'),
    text('00282112', 'DS', decimalString(ratio)),
    text('00282114', 'CS', methods[0] ?? 'UNKNOWN'),
  ];
}

/** In words, for whoever opens the file without `scan.json`: what values and times mean that are not what they seem. */
export function commentElements(
  scan: NiiScan,
  channel: Channel,
  { section, changes = {} }: { readonly section?: Section; readonly changes?: Carried['changes'] } = {},
): DataSet {
  const meaning = descriptions[channel.kind].meaning?.(channel) ?? '';
  const parts = [meaning, changesText(channel, changes), placeText(section), timeText(scan)];
  const comment = parts.filter((part) => part !== '').join(' ');
  return [...(comment === '' ? [] : [free('00204000', 'LT', comment)]), ...derivationElements(channel)];
}

function timeText({ acquired }: NiiScan): string {
  if (acquired.utc !== undefined) return '';
  return 'The time of the scan is not known: date and time are those at which the files were received.';
}

function changesText({ frames }: Channel, { offset, components }: Carried['changes']): string {
  const parts = [
    ...(offset === undefined ? [] : [`The samples are signed: ${offset} was added to each.`]),
    ...(components === undefined
      ? []
      : [`Each pixel has ${components} samples: they are the frames, ${components} for each of ${frames}.`]),
  ];
  return parts.join(' ');
}

function placeText(section?: Section): string {
  if (section === undefined) return '';
  const { number, of, axis, from, to } = section;
  return `Section ${number} of ${of}: ${axis} ${from} to ${to - 1} of the channel.`;
}

function derivationElements({ kind }: Channel): DataSet {
  const { derivation } = descriptions[kind];
  return derivation === undefined ? [] : [free('00082111', 'ST', derivation)];
}

function legendText({ legend = [] }: Channel): string {
  const classes = legend.map(({ from, to, label }) => `${from === to ? from : `${from}-${to}`} ${label}`);
  const known = classes.length === 0 ? 'The legend is not known.' : `${classes.join('; ')}.`;
  return `Values are classes, not intensities and not effective atomic numbers. ${known}`;
}

/** The nominal energy of a channel in MeV: its own, else that of the scanner, which names its energies highest first. */
export function nominalEnergyOf({ source }: NiiScan, channel: Channel): number | undefined {
  if (channel.nominalEnergyMev !== undefined) return channel.nominalEnergyMev;
  const energies = source.scanner?.energiesMev ?? [];
  if (energies.length === 1) return energies[0];
  if (energies.length !== 2) return undefined;
  if (channel.energy === 'high') return Math.max(...energies);
  return channel.energy === 'low' ? Math.min(...energies) : undefined;
}

/** Detector, generation and X-ray equipment. Zero is how DICOS toolkits write a number of type 1 that nobody gave. */
export function detectorElements(scan: NiiScan, channel: Channel): DataSet {
  const { pitch } = channel;
  return [
    text('00180060', 'DS', decimalString(1000 * (nominalEnergyOf(scan, channel) ?? 0))),
    text('00188151', 'DS', '0'),
    text('00187004', 'CS'),
    numbers('43000902', 'FL', 0),
    ...(pitch === undefined || pitch.source === 'assumed'
      ? []
      : [text('00181164', 'DS', decimalString(pitch.rowMm), decimalString(pitch.columnMm))]),
  ];
}
