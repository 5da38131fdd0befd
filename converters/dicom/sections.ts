import type { Image } from './image.ts';
import type { DicomSdk } from './tools.ts';

/**
 * Puts the sections that this service wrote of one channel together again. Where some are missing, or the whole has
 * not the hash that they state, each stays a channel of its own with a warning.
 */
export function joinSections(images: readonly Image[], sdk: DicomSdk): readonly Image[] {
  const channels = new Map<string, Image[]>();
  for (const [i, image] of images.entries()) {
    const key = image.partOf === undefined ? `whole ${i}` : JSON.stringify([image.view, image.partOf.whole]);
    const known = channels.get(key);
    if (known === undefined) channels.set(key, [image]);
    else known.push(image);
  }
  return [...channels.values()].flatMap((parts) => joined(parts, sdk));
}

function joined(parts: readonly Image[], sdk: DicomSdk): readonly Image[] {
  const [first] = parts;
  if (first?.partOf === undefined) return parts;
  const { whole, wholeSha256 } = first.partOf;
  const sections = parts.flatMap(({ partOf, samples }) =>
    partOf === undefined ? [] : [{ section: partOf.section, samples }],
  );
  const samples = sdk.dicom.joinSections(whole, sections);
  if (samples !== undefined && (wholeSha256 === undefined || sdk.sha256(samples) === wholeSha256)) {
    const { partOf: _, ...image } = first;
    return [{ ...image, channel: whole, samples }];
  }
  const { of } = first.partOf.section;
  const message = `${parts.length} of ${of} sections of the channel came, or they do not fit together`;
  sdk.warn('NII_W_CHANNEL_INCOMPLETE', { field: whole.id, message });
  return parts.map(({ partOf, ...image }) => ({
    ...image,
    channel: { ...image.channel, id: addSuffix(whole.id, `s${partOf?.section.number ?? 0}`) },
  }));
}

/** Characters of an id, by the schema of the record. */
const ID_CEILING = 64;

/** The id with this at its end, cut where it would be too long. */
export function addSuffix(id: string, suffix: string): string {
  return `${id.slice(0, ID_CEILING - suffix.length - 1)}-${suffix}`;
}
