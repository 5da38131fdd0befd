import type { DataSet } from '../../codec/dicom/data-set.ts';
import { niiBlock } from '../../codec/dicom/nii-block.ts';
import { numbers } from '../../codec/dicom/write/build.ts';
import { encodePart10 } from '../../codec/dicom/write/part10.ts';
import { defined } from '../../core/defined.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { channelOfSection } from '../../core/scan/sections.ts';
import { canonicalJson } from '../canonical-json.ts';
import { classColours } from '../class-colours.ts';
import { encodePicture } from '../medical/medical.ts';
import { uprightOf } from '../orient.ts';
import { type Place, placeOf } from '../place.ts';
import { type Carried, carriedOf, isPicture } from './carried.ts';
import { equipmentModule, ooiModule, scanModule, seriesModule, sopCommonModule, takenAt } from './common.ts';
import { detectorElements, imageElements, placeElements } from './dx-image.ts';
import {
  type DxIntent,
  dicosVersion,
  dxUid,
  implementationClass,
  implementationVersion,
  sopClass,
  uidOf,
} from './ids.ts';
import type { DxInput, DxOptions } from './input.ts';
import { defaultDxCodec, pixelModule } from './pixel-module.ts';
import { recordOf } from './record.ts';
import { characterSetElements, free, momentOf } from './values.ts';
import { voiElements } from './voi.ts';

export interface EncodedDx {
  readonly bytes: Uint8Array;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
}

const classOf: Readonly<Record<DxIntent, string>> = {
  processing: sopClass.dxForProcessing,
  presentation: sopClass.dxForPresentation,
};

/**
 * One channel of one view as a DICOS DX instance (NEMA IIC 1 V03, section 8.2); every attribute is listed in
 * docs/reference/dicos-conformance.md. Colour, which DX forbids, is a Secondary Capture. The same input gives the same bytes.
 * @throws NII_NOT_FOUND for a channel that the record does not have; see `pixelModule` and `carriedOf` for the others
 */
export async function encodeDx(
  input: DxInput,
  { codec = defaultDxCodec, intent = 'processing' }: DxOptions = {},
): Promise<EncodedDx> {
  const { section } = input;
  const place = placeOf(input);
  const sopInstance = dxUid(input.ids, input.viewId, input.channelId, intent, section);
  if (isPicture(place.channel))
    return encodePicture(input, { sopInstance, series: seriesUid(input, intent) }, codec);
  const stored = section === undefined ? place.channel : channelOfSection(place.channel, section);
  const held = uprightOf({ channel: stored, plane: input.plane }, place.turn);
  const carried = carriedOf(held);
  const palette = classColours(held.channel);
  const pixels = await pixelModule(carried.channel, carried.plane, codec, palette);
  const voi = intent === 'presentation' && palette === undefined ? voiElements(held.channel, held.plane) : [];
  const elements = [
    ...headerElements(input, { place, held: held.channel, carried, sopInstance, intent }),
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

function seriesUid({ ids, viewId, channelId }: DxInput, intent: DxIntent): string {
  return uidOf(ids.scanId, ids.revision, viewId, channelId, seriesName[intent]);
}

interface Header {
  readonly place: Place;
  /** Upright, with the samples of the record. */
  readonly held: Channel;
  readonly carried: Carried;
  readonly sopInstance: string;
  readonly intent: DxIntent;
}

function headerElements(input: DxInput, { place, held, carried, sopInstance, intent }: Header): DataSet {
  const { scan, ids, viewId, channelId, section } = input;
  const at = takenAt(scan, ids);
  const series = {
    uid: seriesUid(input, intent),
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
    ...imageElements(scan, place.channel, { intent, changes: carried.changes, ...defined({ section }) }),
    ...placeElements(place.channel, place.turn, section),
    ...detectorElements(scan, held),
    ...niiBlock(canonicalJson(recordOf(input, place, carried.changes))),
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
