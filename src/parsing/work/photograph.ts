import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePlaneFile } from '../../codec/plane-file.ts';
import { developPhotograph } from '../../codec/raster/photograph.ts';
import { DEVELOPED_FILE, type DevelopedPhotograph, type PhotographTask } from '../kinds/photograph.ts';

/** Leaves what is shown of it in DEVELOPED_FILE. */
export async function readPhotograph({ desk, file }: PhotographTask): Promise<DevelopedPhotograph> {
  const { jpeg, ...rest } = await developPhotograph(readFileSync(join(desk.input, file)));
  writePlaneFile(join(desk.output, DEVELOPED_FILE), [jpeg]);
  return rest;
}
