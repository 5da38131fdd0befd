import { defined } from '../../core/defined.ts';
import { planeKey } from '../../core/scan/scan.ts';
import { instanceName } from '../../core/scan/sections.ts';
import type { DxOptions } from '../dicos/input.ts';
import { channelParts, type DxPartsInput } from '../dicos/parts.ts';
import { placeOf } from '../place.ts';
import { type EncodedMedical, encodeMedical } from './medical.ts';

interface MedicalPart extends EncodedMedical {
  /** `<view>-<channel>`, with `-s1`, `-s2`, … where the channel has sections. */
  readonly name: string;
}

/** The instances of one channel, one after the other: as many as the channel has sections. @throws as encodeMedical */
export async function* encodeMedicalParts(
  input: DxPartsInput,
  options: DxOptions = {},
): AsyncGenerator<MedicalPart> {
  const { plane, viewId, channelId } = input;
  const { channel } = placeOf(input);
  for (const { section, samples } of channelParts(plane, channel)) {
    const part = defined({ section });
    const encoded = await encodeMedical({ ...input, plane: samples, ...part }, options);
    yield { name: instanceName(planeKey(viewId, channelId), section), ...encoded };
  }
}
