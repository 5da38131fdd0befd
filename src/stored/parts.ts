import { keys } from '../core/keys.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Channel } from '../core/scan/scan.ts';
import { type Section, sectionsOf } from '../core/scan/sections.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';

/** A stored instance that holds a channel, or one section of it. */
export interface StoredPart {
  readonly key: string;
  readonly section?: Section;
}

/** The instances of a channel by what is stored of the revision, sections in order. */
export function storedParts(
  { scanId, revision }: Pick<RevisionRow, 'scanId' | 'revision'>,
  objects: readonly Pick<ObjectRow, 'key'>[],
  view: string,
  channel: Channel,
): readonly StoredPart[] {
  const whole = keys.dicos(scanId, revision, view, channel.id);
  const sections = sectionsOf(channel);
  if (sections.length === 0 || objects.some(({ key }) => key === whole)) return [{ key: whole }];
  return sections.map((section) => ({
    key: keys.dicos(scanId, revision, view, channel.id, section),
    section,
  }));
}
