import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPlaneFile, type PlaneFile, writePlaneFile } from '../../codec/plane-file.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import { NiiError } from '../../core/errors.ts';
import { noMaterialWords } from '../../core/material/calibration.ts';
import { paintMask } from '../../format/cab-mask.ts';
import { renderMaterial } from '../../format/material.ts';
import { drawOverlay } from '../../format/overlay.ts';
import { pixelsOfPng, pngOf } from '../../format/preview.ts';
import {
  type MaskedWork,
  type MaterialWork,
  type OverlayWork,
  PICTURE_FILE,
  type PictureTask,
} from '../kinds/picture.ts';

/** Leaves the picture in PICTURE_FILE. @throws NII_NO_MATERIAL */
export async function drawPicture(task: PictureTask): Promise<{ readonly sha256: string }> {
  const { input, output } = task.desk;
  const picture = await drawn(task, input);
  writePlaneFile(join(output, PICTURE_FILE), [picture]);
  return { sha256: sha256Hex(picture) };
}

function drawn(task: PictureTask, folder: string): Promise<Uint8Array> {
  switch (task.kind) {
    case 'material':
      return materialPicture(task, folder);
    case 'overlay':
      return overlayPicture(task, folder);
    case 'masked':
      return maskedPicture(task, folder);
  }
}

async function maskedPicture({ picture, paint, ...mask }: MaskedWork, folder: string): Promise<Uint8Array> {
  const pixels = await pixelsOfPng(readFileSync(join(folder, picture)));
  return pngOf(paint === 'neutral' ? paintMask(pixels, mask) : paintMask(pixels, mask, 0));
}

async function materialPicture({ view, planes, mask }: MaterialWork, folder: string): Promise<Uint8Array> {
  const opened = new Map<string, PlaneFile>();
  try {
    for (const { channel, file } of planes) opened.set(channel, openPlaneFile(join(folder, file)));
    const made = await renderMaterial(view, opened, mask);
    if (typeof made !== 'string') return made;
    throw new NiiError('NII_NO_MATERIAL', { detail: `${made}: ${noMaterialWords[made]}`, field: view.id });
  } finally {
    for (const file of opened.values()) file.close();
  }
}

function overlayPicture({ map, rows, columns, ...rest }: OverlayWork, folder: string): Promise<Uint8Array> {
  return drawOverlay({ ...rest, map: readFileSync(join(folder, map)), sides: { rows, columns } });
}
