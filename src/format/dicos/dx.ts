import { decimalString, numbers, sequence, text } from '../../codec/dicom/build.ts';
import type { DataSet } from '../../codec/dicom/data-set.ts';
import { niiBlock } from '../../codec/dicom/nii-block.ts';
import { encodePart10 } from '../../codec/dicom/part10.ts';
import { NiiError } from '../../core/errors.ts';
import type { Channel, NiiScan, View } from '../../core/scan.ts';
import { canonicalJson } from '../canonical-json.ts';
import { equipmentModule, ooiModule, scanModule, seriesModule, sopCommonModule, takenAt } from './common.ts';
import {
  type DicosIds,
  dicosVersion,
  dxUid,
  implementationClass,
  implementationVersion,
  sopClass,
  uidOf,
} from './ids.ts';
import { type DxCodec, defaultDxCodec, pixelModule } from './pixel-module.ts';
import { free, momentOf, needsCharacterSet } from './values.ts';

export interface DxInput {
  readonly scan: NiiScan;
  readonly viewId: string;
  readonly channelId: string;
  /** Samples of the channel: little-endian, row-major, frames joined, no padding. */
  readonly plane: Uint8Array;
  readonly ids: DicosIds;
}

export interface EncodedDx {
  readonly bytes: Uint8Array;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
}

/**
 * One channel of one view as a DICOS DX instance for processing (NEMA IIC 1 V03, section 8.2); every attribute is
 * listed in docs/dicos-conformance.md. The same input gives the same bytes.
 * @throws NII_NOT_FOUND for a channel that the record does not have; see `pixelModule` for the others
 */
export async function encodeDx(
  input: DxInput,
  options: { readonly codec?: DxCodec } = {},
): Promise<EncodedDx> {
  const place = placeOf(input);
  const pixels = await pixelModule(place.channel, input.plane, options.codec ?? defaultDxCodec);
  const sopInstance = dxUid(input.ids, input.viewId, input.channelId);
  const elements = [...headerElements(input, place, sopInstance), ...pixels.elements];
  const charset = needsCharacterSet(elements) ? [text('00080005', 'CS', 'ISO_IR 192')] : [];
  const bytes = encodePart10([...charset, ...elements], {
    sopClass: sopClass.dxForProcessing,
    sopInstance,
    transferSyntax: pixels.transferSyntax,
    implementationClass,
    implementationVersion,
    dicosVersion,
  });
  return { bytes, sopInstanceUid: sopInstance, transferSyntax: pixels.transferSyntax };
}

interface Place {
  readonly view: View;
  readonly channel: Channel;
  /** From 1, in the record's order. */
  readonly viewNumber: number;
  readonly channelNumber: number;
  readonly instanceNumber: number;
}

function placeOf({ scan, viewId, channelId }: DxInput): Place {
  const viewIndex = scan.views.findIndex(({ id }) => id === viewId);
  const view = scan.views[viewIndex];
  const channelIndex = view?.channels.findIndex(({ id }) => id === channelId) ?? -1;
  const channel = view?.channels[channelIndex];
  if (view === undefined || channel === undefined) {
    throw new NiiError('NII_NOT_FOUND', `The scan has no channel ${channelId} in a view ${viewId}`);
  }
  const before = scan.views
    .slice(0, viewIndex)
    .reduce((total, earlier) => total + earlier.channels.length, 0);
  return {
    view,
    channel,
    viewNumber: viewIndex + 1,
    channelNumber: channelIndex + 1,
    instanceNumber: before + channelIndex + 1,
  };
}

function headerElements(input: DxInput, place: Place, sopInstance: string): DataSet {
  const { scan, ids, viewId, channelId } = input;
  const at = takenAt(scan, ids);
  const series = {
    uid: uidOf(ids.scanId, ids.revision, viewId, channelId, 'series'),
    modality: 'XRAY',
    description: `${place.view.name ?? viewId} ${channelId}`,
    at,
  } as const;
  return [
    ...sopCommonModule({
      sopClass: sopClass.dxForProcessing,
      sopInstance,
      createdAt: momentOf(ids.receivedAt),
      contentAt: at,
      number: place.instanceNumber,
    }),
    ...ooiModule(scan, ids, scan.units),
    ...scanModule(scan, ids),
    ...seriesModule(scan, series),
    ...seriesViewElements(place),
    ...equipmentModule(scan, ids),
    ...imageElements(scan, place.channel),
    ...detectorElements(place.channel),
    ...niiBlock(canonicalJson(recordOf(input, place))),
  ];
}

function seriesViewElements({ view, channel, viewNumber, channelNumber }: Place): DataSet {
  const nominal = channel.nominalEnergyMev === undefined ? '' : ` ${channel.nominalEnergyMev} MeV`;
  return [
    numbers('61000024', 'US', viewNumber),
    free('61000026', 'LO', view.name ?? view.id),
    numbers('61000030', 'US', channelNumber),
    free('61000031', 'LO', `${channel.energy ?? channel.kind}${nominal}`),
  ];
}

/**
 * Image Type: where the samples come from, and which energy they saw. A vendor's class map is drawn from several
 * energies and is no effective atomic number, so it is not called Z_EFFECTIVE.
 */
function imageTypeOf(channel: Channel): readonly [string, string] {
  switch (channel.kind) {
    case 'transmission':
      return ['ORIGINAL', energyTerm(channel)];
    case 'class-map':
      return ['DERIVED', 'MULTI ENERGY'];
    case 'display':
      return ['DERIVED', 'INTENSITY'];
    case 'backscatter':
    case 'unknown':
      return ['ORIGINAL', 'INTENSITY'];
  }
}

function energyTerm({ energy }: Channel): string {
  if (energy === 'high') return 'HIGH ENERGY';
  return energy === 'low' ? 'LOW ENERGY' : 'INTENSITY';
}

function imageElements(scan: NiiScan, channel: Channel): DataSet {
  const opaque = channel.polarity === 'high-is-opaque';
  const lossy = scan.warnings.some(({ code }) => code === 'NII_W_LOSSY');
  return [
    text('00080068', 'CS', 'FOR PROCESSING'),
    text('00080008', 'CS', ...imageTypeOf(channel)),
    text('00080118', 'CS', 'MACHINE'),
    text('00082108', 'CS', 'RHS'),
    ...commentElements(channel),
    text('20500020', 'CS', opaque ? 'INVERSE' : 'IDENTITY'),
    text('00281040', 'CS', 'LIN'),
    numbers('00281041', 'SS', opaque ? -1 : 1),
    text('00281052', 'DS', '0'),
    text('00281053', 'DS', '1'),
    text('00281054', 'LO', 'US'),
    text('00280301', 'CS', 'NO'),
    text('00282110', 'CS', lossy ? '01' : '00'),
    text('00200032', 'DS', '0', '0', '0'),
    text('00200037', 'DS', '1', '0', '0', '0', '1', '0'),
    sequence('00400555'),
  ];
}

/** In words, for whoever opens the file without `scan.json`: what values mean that are no intensities. */
function commentElements(channel: Channel): DataSet {
  if (channel.kind === 'class-map') {
    return [free('00204000', 'LT', legendText(channel)), free('00082111', 'ST', 'Class map of the scanner')];
  }
  if (channel.kind === 'display') return [free('00082111', 'ST', 'Picture rendered by the scanner')];
  if (channel.kind === 'unknown') return [free('00204000', 'LT', 'What the values measure is not known.')];
  return [];
}

function legendText({ legend = [] }: Channel): string {
  const classes = legend.map(({ from, to, label }) => `${from === to ? from : `${from}-${to}`} ${label}`);
  const known = classes.length === 0 ? 'The legend is not known.' : `${classes.join('; ')}.`;
  return `Values are classes, not intensities and not effective atomic numbers. ${known}`;
}

/** Detector, generation and X-ray equipment. Zero is how DICOS toolkits write a number that nobody gave. */
function detectorElements(channel: Channel): DataSet {
  const { nominalEnergyMev, pitch } = channel;
  return [
    text('00180060', 'DS', nominalEnergyMev === undefined ? '0' : decimalString(nominalEnergyMev * 1000)),
    text('00188151', 'DS', '0'),
    text('00187004', 'CS'),
    numbers('43000902', 'FL', 0),
    ...(pitch === undefined || pitch.source === 'assumed'
      ? []
      : [text('00181164', 'DS', decimalString(pitch.rowMm), decimalString(pitch.columnMm))]),
  ];
}

/** What the private block carries: the view and channel as the record has them, and what they were made from. */
function recordOf({ scan, ids }: DxInput, { view, channel }: Place) {
  const { channels: _, ...viewAlone } = view;
  return {
    schemaVersion: scan.schemaVersion,
    scanId: ids.scanId,
    revision: ids.revision,
    view: viewAlone,
    channel,
    converter: scan.converter,
    originals: scan.originals.map(({ sha256 }) => sha256),
  };
}
