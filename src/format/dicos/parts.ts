import type { PlaneSource } from '../../core/plane-source.ts';
import { wholePlane } from '../../core/plane-source.ts';
import { type Channel, planeKey } from '../../core/scan.ts';
import { instanceName, readSection, type Section, sectionsOf } from '../../core/sections.ts';
import { placeOf } from '../place.ts';
import { type DxInput, type DxOptions, type EncodedDx, encodeDx } from './dx.ts';

export interface DxPartsInput extends Omit<DxInput, 'plane' | 'section'> {
  readonly plane: PlaneSource;
}

/** One instance of a channel. */
export interface DxPart extends EncodedDx {
  /** `<view>-<channel>`, with `-s1`, `-s2`, … where the channel has sections. */
  readonly name: string;
  readonly section?: Section;
}

/**
 * The DX instances of one channel, one after the other: one, or as many as the channel has sections, so that a train
 * is never in memory as a whole. @throws as encodeDx
 */
export async function* encodeDxParts(input: DxPartsInput, options: DxOptions = {}): AsyncGenerator<DxPart> {
  const { plane, viewId, channelId } = input;
  const { channel } = placeOf(input);
  const name = planeKey(viewId, channelId);
  const sections = partsOf(channel);
  for (const section of sections) {
    if (section === undefined) {
      yield { name, ...(await encodeDx({ ...input, plane: wholePlane(plane) }, options)) };
    } else {
      const samples = readSection(plane, channel, section);
      const encoded = await encodeDx({ ...input, plane: samples, section }, options);
      yield { name: instanceName(name, section), section, ...encoded };
    }
  }
}

/** The sections, or one part that is the whole. */
function partsOf(channel: Channel): readonly (Section | undefined)[] {
  const sections = sectionsOf(channel);
  return sections.length === 0 ? [undefined] : sections;
}
