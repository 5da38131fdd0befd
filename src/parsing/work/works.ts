import { dicomTask } from '../kinds/dicom.ts';
import { exportTask } from '../kinds/export.ts';
import { photographTask } from '../kinds/photograph.ts';
import { pictureTask } from '../kinds/picture.ts';
import { planeTask } from '../kinds/plane.ts';
import { sortTask } from '../kinds/sort.ts';
import { stationTask } from '../kinds/station.ts';
import { unpackTask } from '../kinds/unpack.ts';
import type { TaskKind } from '../task-kind.ts';
import { readDicomInstance } from './dicom.ts';
import { readForExport } from './export.ts';
import { readPhotograph } from './photograph.ts';
import { drawPicture } from './picture.ts';
import { readPlane } from './plane.ts';
import { sortUpload } from './sort.ts';
import { readStationFile } from './station.ts';
import { unpackArchive } from './unpack.ts';

type Work = (task: unknown) => Promise<unknown>;

/** Our own parent sends the task, and the kind holds its type. */
function workOf<Task, Result>(
  { name }: TaskKind<Task, Result>,
  work: (task: Task) => Promise<Result>,
): readonly [string, Work] {
  return [name, (task) => work(task as Task)];
}

const works: ReadonlyMap<string, Work> = new Map([
  workOf(dicomTask, readDicomInstance),
  workOf(exportTask, readForExport),
  workOf(photographTask, readPhotograph),
  workOf(pictureTask, drawPicture),
  workOf(planeTask, readPlane),
  workOf(sortTask, sortUpload),
  workOf(stationTask, readStationFile),
  workOf(unpackTask, unpackArchive),
]);

interface Order {
  readonly kind: string;
  readonly task: unknown;
}

/** Does what reader-pool.ts asks for. */
export async function doReading(order: unknown): Promise<unknown> {
  const { kind, task } = order as Order; // our own parent sends it
  const work = works.get(kind);
  if (work === undefined) throw new Error(`no reader does ${kind}`);
  return work(task);
}
