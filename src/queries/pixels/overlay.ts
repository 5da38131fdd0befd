import { join } from 'node:path';
import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { CabBand } from '../../core/scan/cab.ts';
import { type OverlayPlace, overlayPlace } from '../../format/overlay-legend.ts';
import { layDown } from '../../parsing/left-file.ts';
import { getRevision, type RevisionTx, type RevisionView, type Viewing } from '../read.ts';
import { type DrawDeps, type DrawnPicture, drawPicture } from './drawn-picture.ts';

export { overlayBands, overlayBoxColour } from '../../format/overlay-legend.ts';

export interface OverlayDeps extends DrawDeps {
  readonly objects: ObjectReads;
}

/** The map of a model, and where it lies on the preview. */
export interface PlacedMap extends OverlayPlace {
  /** id@version */
  readonly model: string;
  readonly row: ObjectRow;
  /** Of the view. */
  readonly mask: readonly CabBand[];
}

/** @throws NII_NOT_FOUND for a revision without such a map, or with one of a view that the preview does not show */
export async function placedMap(
  deps: Viewing<RevisionTx>,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
  model?: string,
): Promise<PlacedMap> {
  const found = await getRevision(deps, actor, scanId, revision);
  const { row, id } = mapOf(found, model);
  const analysis = found.analyses.find((one) => `${one.model.id}@${one.model.version}` === id);
  const { scan } = found.revision;
  const place = scan && analysis && overlayPlace(scan, analysis);
  if (place === undefined) {
    throw new NiiError('NII_NOT_FOUND', `The map of ${id} belongs to a view that the preview does not show`);
  }
  return { ...place, model: id, row, mask: found.mask.filter((band) => band.view === place.view.id) };
}

function mapOf(
  { objects }: RevisionView,
  model: string | undefined,
): { readonly row: ObjectRow; readonly id: string } {
  for (const row of objects) {
    if (row.kind === 'map' && (model === undefined || row.model === model)) return { row, id: row.model };
  }
  throw new NiiError('NII_NOT_FOUND', 'This revision has no map of this model');
}

/** The map and the findings of a model, to lay over the preview. @throws as `placedMap` */
export async function overlayPicture(
  deps: OverlayDeps,
  actor: Actor,
  ...of: [scanId: string, revision: number | 'latest', model?: string]
): Promise<DrawnPicture> {
  const { row, view, rows, columns, findings, mask } = await placedMap(deps, actor, ...of);
  return drawPicture(deps, actor, {
    subject: `overlay ${row.sha256}`,
    pixels: rows * columns,
    prepare: async (folder) => {
      await layDown(join(folder, 'map'), await deps.objects.stream(row.key));
      const boxes = findings.map(({ box }) => box);
      return { kind: 'overlay', display: view.display, map: 'map', rows, columns, boxes, mask };
    },
  });
}
