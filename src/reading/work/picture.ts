import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPlaneFile, type PlaneFile, writePlaneFile } from '../../codec/plane-file.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import { NiiError } from '../../core/errors.ts';
import { noMaterialWords } from '../../core/material/no-material.ts';
import { renderMaterial } from '../../format/material.ts';
import { drawOverlay } from '../../format/overlay.ts';
import { type MaterialWork, type OverlayWork, PICTURE_FILE, type PictureTask } from '../kinds/picture.ts';

/** Leaves the picture in PICTURE_FILE. @throws NII_NO_MATERIAL */
export async function drawPicture(task: PictureTask): Promise<{ readonly sha256: string }> {
  const { input, output } = task.desk;
  const picture =
    task.kind === 'material' ? await materialPicture(task, input) : await overlayPicture(task, input);
  writePlaneFile(join(output, PICTURE_FILE), [picture]);
  return { sha256: sha256Hex(picture) };
}

async function materialPicture({ view, planes }: MaterialWork, folder: string): Promise<Uint8Array> {
  const opened = new Map<string, PlaneFile>();
  try {
    for (const { channel, file } of planes) opened.set(channel, openPlaneFile(join(folder, file)));
    const drawn = await renderMaterial(view, opened);
    if (typeof drawn !== 'string') return drawn;
    throw new NiiError('NII_NO_MATERIAL', { detail: `${drawn}: ${noMaterialWords[drawn]}`, field: view.id });
  } finally {
    for (const file of opened.values()) file.close();
  }
}

function overlayPicture({ map, rows, columns, ...rest }: OverlayWork, folder: string): Promise<Uint8Array> {
  return drawOverlay({ ...rest, map: readFileSync(join(folder, map)), sides: { rows, columns } });
}
