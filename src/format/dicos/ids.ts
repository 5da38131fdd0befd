import { createHash } from 'node:crypto';
import { defined } from '../../core/defined.ts';
import { type Channel, channelsOf, type NiiScan, type View } from '../../core/scan/scan.ts';
import { channelOfSection, instanceName, type Section, sectionsOf } from '../../core/scan/sections.ts';
import { type Turn, turnOf } from '../../core/scan/turn.ts';

import { isPicture } from './carried.ts';

/** Detector values as they were measured, or values with the window to look at them. */
export type DxIntent = 'processing' | 'presentation';

/** What an instance is named and dated by: all from the record, nothing from chance or now. */
export interface DicosIds {
  readonly scanId: string;
  readonly revision: number;
  readonly administration: string;
  readonly site: string;
  /** RFC 3339. */
  readonly receivedAt: string;
}

/** Storage classes of DICOS (NEMA IIC 1; registered in DICOM PS3.6). */
export const sopClass = {
  dxForPresentation: '1.2.840.10008.5.1.4.1.1.501.2.1',
  dxForProcessing: '1.2.840.10008.5.1.4.1.1.501.2.2',
  tdr: '1.2.840.10008.5.1.4.1.1.501.3',
} as const;

/** Storage classes of DICOM for pictures and for samples that DX cannot hold (PS3.4 B.5). */
export const captureClass = {
  single: '1.2.840.10008.5.1.4.1.1.7',
  multiFrameBit: '1.2.840.10008.5.1.4.1.1.7.1',
  multiFrameByte: '1.2.840.10008.5.1.4.1.1.7.2',
  multiFrameWord: '1.2.840.10008.5.1.4.1.1.7.3',
  multiFrameColour: '1.2.840.10008.5.1.4.1.1.7.4',
} as const;

/** Of a channel that `isPicture`. */
export function pictureClass({ samplesPerPixel, photometric = 'RGB' }: Channel): string {
  return samplesPerPixel === 3 && photometric === 'RGB' ? captureClass.multiFrameColour : captureClass.single;
}

/** The edition whose tables the writer follows; (0002,0004) and (4010,103A). */
export const dicosVersion = 'V03';

/**
 * A UID that always names the same thing: 2.25 and, as a decimal, 128 bits of the SHA-256 of its parts, marked as
 * a UUID of version 8 (PS3.5 B.2, RFC 9562 5.8). At most 44 characters.
 */
export function uidOf(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['nii-hub', ...parts]))
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${hash.toString('hex', 0, 16)}`)}`;
}

/** (0002,0012): this writer, whatever its version. */
export const implementationClass = uidOf('implementation');
export const implementationVersion = 'NII_HUB';

type ScanIds = Pick<DicosIds, 'scanId' | 'revision'>;

/** One DICOS scan instance a scan, for life: revisions are series of it. */
export function scanUid({ scanId }: Pick<DicosIds, 'scanId'>): string {
  return uidOf(scanId, 'scan');
}

/** The DX instance of one channel of one view, or of one section of it. */
export function dxUid(
  { scanId, revision }: ScanIds,
  viewId: string,
  channelId: string,
  intent: DxIntent = 'processing',
  section?: Pick<Section, 'number'>,
): string {
  const what = intent === 'processing' ? 'dx' : 'dx-presentation';
  return uidOf(scanId, revision, viewId, channelId, what, ...(section === undefined ? [] : [section.number]));
}

/** A DX instance that a report speaks of. */
export interface TdrReference {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly view: string;
  readonly channel: string;
  /** What of the channel is in it; all of it unless given. */
  readonly section?: Section;
  /** How its samples were turned when it was written, and their sides before. */
  readonly turned?: Turned;
}

/** Stored samples of these sides, turned upright. */
export interface Turned {
  readonly turn: Turn;
  readonly rows: number;
  readonly columns: number;
}

/** Every DX instance of a revision, in the record's order: they follow from the record, so nothing is looked up. */
function dxReferences(scan: NiiScan, ids: ScanIds): readonly TdrReference[] {
  return channelsOf(scan).flatMap(({ view, channel }) => {
    const sections = sectionsOf(channel);
    return sections.length === 0
      ? [dxReference(ids, { view, channel, isUpright: true })]
      : sections.map((section) => dxReference(ids, { view, channel, section, isUpright: true }));
  });
}

interface Referenced {
  readonly view: View;
  readonly channel: Channel;
  readonly section?: Section;
  /** Whether it was turned when it was written. */
  readonly isUpright: boolean;
}

function dxReference(ids: ScanIds, { view, channel, section, isUpright }: Referenced): TdrReference {
  const turn = isUpright ? turnOf(view, channel) : undefined;
  const { rows, columns } = section === undefined ? channel : channelOfSection(channel, section);
  return {
    sopClass: isPicture(channel) ? pictureClass(channel) : sopClass.dxForProcessing,
    sopInstance: dxUid(ids, view.id, channel.id, 'processing', section),
    view: view.id,
    channel: channel.id,
    ...defined({ section, turned: turn && { turn, rows, columns } }),
  };
}

/**
 * The instance of this `instanceName`; none if the scan has no such channel or section. Those that were stored before
 * they were turned upright are not upright.
 */
function referenceOf(
  scan: NiiScan,
  { scanId, revision }: ScanIds,
  instance: string,
  isUpright: boolean,
): readonly TdrReference[] {
  const ids = { scanId, revision };
  for (const { view, channel, key: plane } of channelsOf(scan)) {
    if (plane === instance) return [dxReference(ids, { view, channel, isUpright })];
    const section = sectionsOf(channel).find((one) => instanceName(plane, one) === instance);
    if (section !== undefined) return [dxReference(ids, { view, channel, section, isUpright })];
  }
  return [];
}

export const dicosIds = { scanUid, dxUid, dxReferences, referenceOf } as const;
