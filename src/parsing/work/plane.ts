import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePlaneFile } from '../../codec/plane-file.ts';
import { NiiError } from '../../core/errors.ts';
import { decodePlane, maskPlaneFile, placeSection, verifyPlaneFile } from '../../stored/planes.ts';
import { PLANE_FILE, type PlanePart, type PlaneTask } from '../kinds/plane.ts';

/** Leaves the samples of the channel in PLANE_FILE. @throws NII_CORRUPT where they are not the ones that were stored */
export async function readPlane(task: PlaneTask): Promise<null> {
  const [whole] = task.parts;
  if (whole !== undefined && whole.section === undefined) await readWhole(task, whole);
  else await readSections(task);
  maskPlaneFile(join(task.desk.output, PLANE_FILE), task.channel, task.masked);
  return null;
}

async function readWhole({ desk, channel, limits }: PlaneTask, { file, name }: PlanePart): Promise<void> {
  const samples = await decodePlane(readFileSync(join(desk.input, file)), channel, name, limits);
  writePlaneFile(join(desk.output, PLANE_FILE), [samples]);
}

async function readSections({ desk, channel, parts, limits }: PlaneTask): Promise<void> {
  const path = join(desk.output, PLANE_FILE);
  writePlaneFile(path, []);
  for (const { file, name, section } of parts) {
    if (section === undefined) throw new NiiError('NII_INTERNAL', 'a part that is no section');
    const bytes = readFileSync(join(desk.input, file));
    await placeSection({ bytes, channel, section, name, limits, path });
  }
  verifyPlaneFile(path, channel, channel.id);
}
