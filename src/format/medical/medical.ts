import type { DataSet } from '../../codec/dicom/data-set.ts';
import { niiBlock } from '../../codec/dicom/nii-block.ts';
import { encodePart10 } from '../../codec/dicom/write/part10.ts';
import { channelOfSection } from '../../core/scan/sections.ts';
import { canonicalJson } from '../canonical-json.ts';
import { classColours } from '../class-colours.ts';
import { takenAt } from '../dicos/common.ts';
import { type DxIntent, implementationClass, implementationVersion, uidOf } from '../dicos/ids.ts';
import type { DxInput, DxOptions } from '../dicos/input.ts';
import { type DxCodec, defaultDxCodec, pixelModule } from '../dicos/pixel-module.ts';
import { recordOf } from '../dicos/record.ts';
import { characterSetElements } from '../dicos/values.ts';
import { voiElements } from '../dicos/voi.ts';
import { uprightOf } from '../orient.ts';
import { type Place, placeOf } from '../place.ts';
import { type Carrier, carrierOf } from './carrier.ts';
import {
  captureElements,
  dxElements,
  equipmentModule,
  instanceElements,
  patientModule,
  seriesModule,
  studyModule,
} from './modules.ts';

export interface EncodedMedical {
  readonly bytes: Uint8Array;
  readonly sopClass: string;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
}

/**
 * One channel of one view for archives that know nothing of DICOS: Digital X-Ray where that holds it, else Secondary
 * Capture; docs/reference/dicos-conformance.md says which. The samples are the same, and the private block travels with them.
 * @throws NII_NOT_FOUND for a channel that the record does not have; NII_UNSUPPORTED_VARIANT for samples that neither
 *   can hold; NII_CONVERTER_INCONSISTENT
 */
export function encodeMedical(
  input: DxInput,
  { codec = defaultDxCodec, intent = 'presentation' }: DxOptions = {},
): Promise<EncodedMedical> {
  const { ids, viewId, channelId, section } = input;
  const part = section === undefined ? [] : [section.number];
  const sopInstance = uidOf(ids.scanId, ids.revision, viewId, channelId, `medical-${intent}`, ...part);
  const series = uidOf(ids.scanId, ids.revision, viewId, channelId, `medical-${intent}-series`);
  return encode(input, { intent, codec, sopInstance, series });
}

/** A picture in colour among the DICOS instances of a scan, under the UIDs that these have. @throws as encodeMedical */
export function encodePicture(
  input: DxInput,
  uids: { readonly sopInstance: string; readonly series: string },
  codec: DxCodec,
): Promise<EncodedMedical> {
  return encode(input, { ...uids, codec, intent: 'processing' });
}

interface Order {
  readonly intent: DxIntent;
  readonly codec: DxCodec;
  readonly sopInstance: string;
  /** UID of its series. */
  readonly series: string;
}

async function encode(input: DxInput, order: Order): Promise<EncodedMedical> {
  const { section } = input;
  const { intent, codec, sopInstance } = order;
  const place = placeOf(input);
  const stored = section === undefined ? place.channel : channelOfSection(place.channel, section);
  const held = uprightOf({ channel: stored, plane: input.plane }, place.turn);
  const carrier = carrierOf(held, intent);
  const palette = carrier.kind === 'single' ? classColours(carrier.channel) : undefined;
  const pixels = await pixelModule(carrier.channel, carrier.plane, codec, palette);
  const isWindowed = intent === 'presentation' && carrier.channel.bitsAllocated > 1 && palette === undefined;
  const elements = [
    ...headerElements(input, order, place, carrier),
    ...(isWindowed ? voiElements(held.channel, held.plane) : []),
    ...pixels.elements,
  ];
  const { transferSyntax } = pixels;
  const bytes = encodePart10([...characterSetElements(elements), ...elements], {
    sopClass: carrier.sopClass,
    sopInstance,
    transferSyntax,
    implementationClass,
    implementationVersion,
  });
  return { bytes, sopClass: carrier.sopClass, sopInstanceUid: sopInstance, transferSyntax };
}

function headerElements(input: DxInput, order: Order, place: Place, carrier: Carrier): DataSet {
  const { scan, ids, viewId, channelId, section } = input;
  const { intent, sopInstance } = order;
  const isDx = carrier.kind === 'dx';
  const series = {
    uid: order.series,
    number: place.instanceNumber,
    description: `${place.view.name ?? viewId} ${channelId}`,
  };
  const number = place.instanceNumber + (section === undefined ? 0 : section.number - 1);
  const instance = { sopClass: carrier.sopClass, sopInstance, number };
  return [
    ...instanceElements(scan, ids, instance),
    ...patientModule(scan, ids),
    ...studyModule(scan, ids),
    ...seriesModule(series, isDx, takenAt(scan, ids)),
    ...equipmentModule(scan, ids),
    ...(isDx ? dxElements(scan, carrier.channel, intent) : captureElements(scan, carrier)),
    ...niiBlock(canonicalJson(recordOf(input, place, carrier.changes))),
  ];
}
