import { join } from 'node:path';
import type { Actor } from '../../core/access.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { CabBand } from '../../core/scan/cab.ts';
import { previewedChannel } from '../../core/scan/channel-kinds.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import { noTurn } from '../../core/scan/turn.ts';
import type { PictureMask } from '../../format/cab-mask.ts';
import { mostPreviewPixels } from '../../format/shown.ts';
import type { MaskedWork } from '../../parsing/kinds/picture.ts';
import { layDown } from '../../parsing/left-file.ts';
import { type OpenedObject, openObject, type WantedObject } from '../read.ts';
import { type DrawDeps, type DrawnPicture, drawPicture } from './drawn-picture.ts';

interface MaskedDrawDeps extends Pick<DrawDeps, 'reader' | 'limits'> {
  readonly objects: ObjectReads;
}

export type StoredPictureDeps = DrawDeps & MaskedDrawDeps;

/** A stored picture as whoever asks may see it: as it is, or drawn anew with the cab painted over. */
export type ShownPicture =
  | { readonly kind: 'stored'; readonly opened: OpenedObject }
  | { readonly kind: 'drawn'; readonly drawn: DrawnPicture };

/** Preview or thumbnail. @throws as `openObject` */
export async function openPicture(
  deps: StoredPictureDeps,
  actor: Actor,
  ...of: [scanId: string, revision: number | 'latest', wanted: WantedObject]
): Promise<ShownPicture> {
  const { view, ...opened } = await openObject(deps, actor, ...of);
  const mask = previewMask(view.revision.scan, view.mask);
  return shown(deps, actor, opened, { ...mask, paint: 'neutral' });
}

/** The map of a model as it is stored, in the order of the detector. @throws as `openObject` */
export async function openMap(
  deps: StoredPictureDeps,
  actor: Actor,
  ...of: [scanId: string, revision: number | 'latest', wanted: WantedObject]
): Promise<ShownPicture> {
  const { view, ...opened } = await openObject(deps, actor, ...of);
  const { row } = opened;
  const analysis = view.analyses.find(
    ({ model }) => row.kind === 'map' && row.model === `${model.id}@${model.version}`,
  );
  const bands = view.mask.filter((band) => analysis?.view === undefined || band.view === analysis.view);
  return shown(deps, actor, opened, { bands, display: noTurn, paint: 'nothing' });
}

/** What is painted over in a picture of what the preview shows. */
export function previewMask(scan: NiiScan | undefined, mask: readonly CabBand[]): PictureMask {
  const view = scan && previewedChannel(scan.views)?.view;
  return { bands: mask.filter((band) => band.view === view?.id), display: view?.display ?? noTurn };
}

async function shown(
  deps: MaskedDrawDeps,
  actor: Actor,
  opened: OpenedObject,
  mask: Pick<MaskedWork, 'bands' | 'display' | 'paint'>,
): Promise<ShownPicture> {
  if (mask.bands.length === 0) return { kind: 'stored', opened };
  return { kind: 'drawn', drawn: await drawMasked(deps, actor, opened.row, mask) };
}

/** A stored picture with a part of it painted over. */
export function drawMasked(
  deps: MaskedDrawDeps,
  actor: Actor,
  { key, sha256 }: Pick<ObjectRow, 'key' | 'sha256'>,
  mask: Pick<MaskedWork, 'bands' | 'display' | 'paint'>,
): Promise<DrawnPicture> {
  return drawPicture(deps, actor, {
    subject: `masked ${sha256}`,
    pixels: mostPreviewPixels,
    prepare: async (folder) => {
      await layDown(join(folder, 'stored'), await deps.objects.stream(key));
      return { kind: 'masked', picture: 'stored', ...mask };
    },
  });
}
