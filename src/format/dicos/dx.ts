import type { DataSet } from '../../codec/dicom/data-set.ts';
import type { ScanFacts } from '../../codec/dicom/nii-block.ts';
import { niiBlock } from '../../codec/dicom/nii-block.ts';
import { numbers } from '../../codec/dicom/write/build.ts';
import { encodePart10 } from '../../codec/dicom/write/part10.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import { defined } from '../../core/defined.ts';
import type { Channel, NiiScan } from '../../core/scan/scan.ts';
import { channelOfSection, type Section } from '../../core/scan/sections.ts';
import { canonicalJson } from '../canonical-json.ts';
import { type Place, placeOf } from '../place.ts';
import { uprightOf } from '../upright.ts';
import { equipmentModule, ooiModule, scanModule, seriesModule, sopCommonModule, takenAt } from './common.ts';
import { detectorElements, imageElements, placeElements } from './dx-image.ts';
import {
  type DicosIds,
  type DxIntent,
  dicosVersion,
  dxUid,
  implementationClass,
  implementationVersion,
  sopClass,
  uidOf,
} from './ids.ts';
import { type DxCodec, defaultDxCodec, pixelModule } from './pixel-module.ts';
import { characterSetElements, free, momentOf } from './values.ts';
import { voiElements } from './voi.ts';

export interface DxInput {
  readonly scan: NiiScan;
  readonly viewId: string;
  readonly channelId: string;
  /** Samples of the channel, or of the section: little-endian, row-major, frames joined, no padding. */
  readonly plane: Uint8Array;
  /** The part of the channel that this instance holds; all of it unless given. */
  readonly section?: Section;
  readonly ids: DicosIds;
}

export interface EncodedDx {
  readonly bytes: Uint8Array;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
}

export interface DxOptions {
  readonly codec?: DxCodec;
  /** Processing unless said. The samples are the same; for presentation the window of the preview is added. */
  readonly intent?: DxIntent;
}

const classOf: Readonly<Record<DxIntent, string>> = {
  processing: sopClass.dxForProcessing,
  presentation: sopClass.dxForPresentation,
};

/**
 * One channel of one view as a DICOS DX instance (NEMA IIC 1 V03, section 8.2); every attribute is listed in
 * docs/dicos-conformance.md. The same input gives the same bytes.
 * @throws NII_NOT_FOUND for a channel that the record does not have; see `pixelModule` for the others
 */
export async function encodeDx(
  input: DxInput,
  { codec = defaultDxCodec, intent = 'processing' }: DxOptions = {},
): Promise<EncodedDx> {
  const { section } = input;
  const place = placeOf(input);
  const stored = section === undefined ? place.channel : channelOfSection(place.channel, section);
  const { channel: held, plane } = uprightOf({ channel: stored, plane: input.plane }, place.turn);
  const pixels = await pixelModule(held, plane, codec);
  const sopInstance = dxUid(input.ids, input.viewId, input.channelId, intent, section);
  const voi = intent === 'presentation' ? voiElements(held, plane) : [];
  const elements = [
    ...headerElements(input, { place, held, sopInstance, intent }),
    ...voi,
    ...pixels.elements,
  ];
  const bytes = encodePart10([...characterSetElements(elements), ...elements], {
    sopClass: classOf[intent],
    sopInstance,
    transferSyntax: pixels.transferSyntax,
    implementationClass,
    implementationVersion,
    dicosVersion,
  });
  return { bytes, sopInstanceUid: sopInstance, transferSyntax: pixels.transferSyntax };
}

const seriesName: Readonly<Record<DxIntent, string>> = {
  processing: 'series',
  presentation: 'presentation-series',
};

interface Header {
  readonly place: Place;
  /** As it is written. */
  readonly held: Channel;
  readonly sopInstance: string;
  readonly intent: DxIntent;
}

function headerElements(input: DxInput, { place, held, sopInstance, intent }: Header): DataSet {
  const { scan, ids, viewId, channelId, section } = input;
  const at = takenAt(scan, ids);
  const series = {
    uid: uidOf(ids.scanId, ids.revision, viewId, channelId, seriesName[intent]),
    modality: 'XRAY',
    description: `${place.view.name ?? viewId} ${channelId}`,
    at,
  } as const;
  return [
    ...sopCommonModule({
      scan,
      sopClass: classOf[intent],
      sopInstance,
      createdAt: momentOf(ids.receivedAt),
      contentAt: at,
      number: place.instanceNumber + (section === undefined ? 0 : section.number - 1),
    }),
    ...ooiModule(ids, scan.units),
    ...scanModule(scan, ids),
    ...seriesModule(scan, series),
    ...seriesViewElements(place),
    ...equipmentModule(scan, ids),
    ...imageElements(scan, place.channel, intent, section),
    ...placeElements(place.channel, place.turn, section),
    ...detectorElements(scan, held),
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

/** What the private block carries: the view and channel as the record has them, and what they were made from. */
export function recordOf(
  { scan, ids, section, plane }: DxInput,
  { view, channel, turn, instanceNumber }: Place,
) {
  const { channels: _, ...viewAlone } = view;
  const isFirst = instanceNumber === 1 && (section === undefined || section.number === 1);
  return {
    ...defined({ scan: scanFactsFor(scan, isFirst) }),
    schemaVersion: scan.schemaVersion,
    scanId: ids.scanId,
    revision: ids.revision,
    view: viewAlone,
    channel,
    ...defined({ written: turn && { turn } }),
    ...defined({ section: section && { ...section, sha256: sha256Hex(plane) } }),
    converter: scan.converter,
    originals: scan.originals.map(({ sha256 }) => sha256),
  };
}

/** Facts of up to so many characters stand in every instance, larger ones in the first alone. */
const FACTS_EVERYWHERE = 64 * 1024;

/** What the record says of the whole scan, so that a second installation reads the same record. */
function scanFactsFor(scan: NiiScan, isFirst: boolean): ScanFacts | undefined {
  const { acquired, purpose, completeness, units, history, consignments, control } = scan;
  const { visit: _, ...source } = scan.source;
  const facts = {
    source,
    acquired,
    purpose,
    completeness,
    units,
    ...defined({ history, consignments, control }),
  };
  return isFirst || JSON.stringify(facts).length <= FACTS_EVERYWHERE ? facts : undefined;
}
