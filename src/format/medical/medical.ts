import type { DataSet } from '../../codec/dicom/data-set.ts';
import { niiBlock } from '../../codec/dicom/nii-block.ts';
import { encodePart10 } from '../../codec/dicom/write/part10.ts';
import { channelOfSection } from '../../core/scan/sections.ts';
import { canonicalJson } from '../canonical-json.ts';
import { takenAt } from '../dicos/common.ts';
import { type DxInput, type DxOptions, recordOf } from '../dicos/dx.ts';
import type { DxIntent } from '../dicos/ids.ts';
import { implementationClass, implementationVersion, uidOf } from '../dicos/ids.ts';
import { defaultDxCodec, pixelModule } from '../dicos/pixel-module.ts';
import { characterSetElements } from '../dicos/values.ts';
import { voiElements } from '../dicos/voi.ts';
import { type Place, placeOf } from '../place.ts';
import { uprightOf } from '../upright.ts';
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
}

/**
 * One channel of one view for archives that know nothing of DICOS: Digital X-Ray where that holds it, else Secondary
 * Capture; docs/dicos-conformance.md says which. The samples are the same, and the private block travels with them.
 * @throws NII_NOT_FOUND for a channel that the record does not have; NII_UNSUPPORTED_VARIANT for samples that neither
 *   can hold; NII_CONVERTER_INCONSISTENT
 */
export async function encodeMedical(
  input: DxInput,
  { codec = defaultDxCodec, intent = 'presentation' }: DxOptions = {},
): Promise<EncodedMedical> {
  const { ids, viewId, channelId, section } = input;
  const place = placeOf(input);
  const stored = section === undefined ? place.channel : channelOfSection(place.channel, section);
  const { channel: held, plane } = uprightOf({ channel: stored, plane: input.plane }, place.turn);
  const carrier = carrierOf(held, intent);
  const part = section === undefined ? [] : [section.number];
  const sopInstance = uidOf(ids.scanId, ids.revision, viewId, channelId, `medical-${intent}`, ...part);
  const pixels = await pixelModule(carrier.channel, plane, codec);
  const header = headerElements(input, { place, carrier, plane, intent, sopInstance });
  const elements = [...header, ...pixels.elements];
  const bytes = encodePart10([...characterSetElements(elements), ...elements], {
    sopClass: carrier.sopClass,
    sopInstance,
    transferSyntax: pixels.transferSyntax,
    implementationClass,
    implementationVersion,
  });
  return { bytes, sopClass: carrier.sopClass, sopInstanceUid: sopInstance };
}

interface Medical {
  readonly place: Place;
  readonly carrier: Carrier;
  /** As it is written. */
  readonly plane: Uint8Array;
  readonly intent: DxIntent;
  readonly sopInstance: string;
}

function headerElements(input: DxInput, { place, carrier, plane, intent, sopInstance }: Medical): DataSet {
  const { scan, ids, viewId, channelId, section } = input;
  const isDx = carrier.kind === 'dx';
  const series = {
    uid: uidOf(ids.scanId, ids.revision, viewId, channelId, `medical-${intent}-series`),
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
    ...(isWindowed(carrier, intent) ? voiElements(carrier.channel, plane) : []),
    ...niiBlock(canonicalJson(recordOf(input, place))),
  ];
}

/** Bits are black or white, whatever the window. */
function isWindowed({ channel }: Carrier, intent: DxIntent): boolean {
  return intent === 'presentation' && channel.bitsAllocated > 1;
}
