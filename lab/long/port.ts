import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startSharedServer } from '../../test/support/postgres/shared-servers.ts';
import { copyTemplate } from '../../test/support/postgres-server.ts';
import { type Report, runCampaign } from '../port/campaign.ts';
import { Port } from '../port/port.ts';
import { formatReport, progressLine, toFigures } from '../port/report.ts';
import type { Part, SliceResult, SliceTask } from './part.ts';

const TELL_MS = 10_000;
const ACTS = 60;
const SHRINK_MS = 120_000;
/** So that no history comes in two slices. */
const SEEDS_OF_A_SLICE = 10_000;

/** Each slice has histories of its own; a new kind of fault is shrunk after it was seen, so a slice may take longer. */
export const port: Part = {
  name: 'port',
  summary: 'people of a port who may collude, judged by the safety case (lab/README.md)',
  unit: 'acts',
  slice: playSlice,
};

async function playSlice(task: SliceTask): Promise<SliceResult> {
  const server = await startSharedServer();
  const opened = await Port.open(await copyTemplate(server));
  let toldAt = Date.now();
  const progress = (report: Report) => {
    if (Date.now() - toldAt < TELL_MS) return;
    toldAt = Date.now();
    task.progress(progressLine(report));
  };
  try {
    const report = await runCampaign(opened, {
      seed: (task.seed + task.number) * SEEDS_OF_A_SLICE,
      until: Date.now() + task.seconds * 1000,
      ...{ histories: SEEDS_OF_A_SLICE, acts: ACTS, shrinkMs: SHRINK_MS, progress },
    });
    const found = [...report.faults.values()].filter(({ open }) => open === undefined);
    if (found.length > 0)
      writeFileSync(path.join(task.keep, `slice-${task.number}.txt`), `${formatReport(report)}\n`);
    return {
      count: report.acts,
      faults: found.map(({ kind, seed, count }) => `${count} × ${kind} (seed ${seed})`),
      figures: toFigures(report),
    };
  } finally {
    await opened.close();
    await server.stop();
  }
}
