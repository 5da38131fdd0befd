import { defined } from '../../core/defined.ts';
import type { PlaneSource } from '../../core/scan/plane-source.ts';
import { wholePlane } from '../../core/scan/plane-source.ts';
import { type Channel, planeKey } from '../../core/scan/scan.ts';
import { instanceName, readSection, type Section, sectionsOf } from '../../core/scan/sections.ts';
import { placeOf } from '../place.ts';
import { type EncodedDx, encodeDx } from './dx.ts';
import type { DxInput, DxOptions } from './input.ts';

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
  for (const { section, samples } of channelParts(plane, channel)) {
    const part = defined({ section });
    const encoded = await encodeDx({ ...input, plane: samples, ...part }, options);
    yield { name: instanceName(name, section), ...part, ...encoded };
  }
}

/** The samples of a channel in the parts that its instances hold, each read when it is asked for. */
export function* channelParts(
  plane: PlaneSource,
  channel: Channel,
): Generator<{ readonly section?: Section; readonly samples: Uint8Array }> {
  const sections = sectionsOf(channel);
  if (sections.length === 0) yield { samples: wholePlane(plane) };
  for (const section of sections) yield { section, samples: readSection(plane, channel, section) };
}
