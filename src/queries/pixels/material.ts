import { link } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import { noMaterialWords } from '../../core/material/calibration.ts';
import { materialChannels } from '../../core/material/source.ts';
import { pixelsOf } from '../../core/reading-time.ts';
import { previewedChannel } from '../../core/scan/channel-kinds.ts';
import type { Channel, View } from '../../core/scan/scan.ts';
import { storedParts } from '../../stored/parts.ts';
import { getRevision, type RevisionView } from '../read.ts';
import { type DrawDeps, type DrawnPicture, drawPicture } from './drawn-picture.ts';
import type { PlaneFiles } from './plane-files.ts';

export interface MaterialDeps extends DrawDeps {
  readonly planes: PlaneFiles;
}

/**
 * What the preview shows, in material colours; drawn from the stored samples.
 * @throws NII_NOT_FOUND for a revision without samples; NII_NO_MATERIAL with the reason
 */
export async function materialPicture(
  deps: MaterialDeps,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
): Promise<DrawnPicture> {
  const found = await getRevision(deps, actor, scanId, revision);
  const { view, channels } = materialViewOf(found);
  const mask = found.mask.filter((band) => band.view === view.id);
  const wanted = channels.map((channel) => ({
    channel,
    parts: storedParts(found.revision, found.objects, view.id, channel),
  }));
  const keysOfParts = wanted.flatMap(({ parts }) => parts.map(({ key }) => key));
  return deps.planes.use(wanted, actor.keyId, (paths) =>
    drawPicture(deps, actor, {
      subject: `material ${keysOfParts.join(' ')}`,
      pixels: channels.reduce((sum, channel) => sum + pixelsOf(channel), 0),
      prepare: async (folder) => {
        for (const [i, path] of paths.entries()) await link(path, join(folder, `plane-${i}`));
        const planes = channels.map(({ id }, i) => ({ channel: id, file: `plane-${i}` }));
        return { kind: 'material', view, planes, mask };
      },
    }),
  );
}

function materialViewOf({ revision }: RevisionView): {
  readonly view: View;
  readonly channels: readonly Channel[];
} {
  const shown = previewedChannel(revision.scan?.views ?? []);
  if (shown === undefined) throw new NiiError('NII_NOT_FOUND', 'This revision has no samples');
  const channels = materialChannels(shown.view.channels);
  if (typeof channels !== 'string') return { view: shown.view, channels };
  throw new NiiError('NII_NO_MATERIAL', {
    detail: `${channels}: ${noMaterialWords[channels]}`,
    field: shown.view.id,
  });
}
