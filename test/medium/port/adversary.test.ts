import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCampaign } from '../../../lab/port/campaign.ts';
import { Port } from '../../../lab/port/port.ts';
import { formatReport } from '../../../lab/port/report.ts';
import { searchSeed, searchSize } from '../../support/search-size.ts';

/**
 * People of a port, up to two of whom collude, against the service and an oracle of the safety case. `npx tsx lab/port.ts`
 * and the part port of `npm run long` play more.
 */
const SECONDS = searchSize.portSeconds;
const ACTS = 60;
/** The same on a slow machine and on a fast one, so that no new kind is found by the speed of a machine. */
const HISTORIES = 14;
/** Those of one history: on a machine that does much besides, there is time for no more. */
const LEAST_ACTS = 30;

let port: Port;

beforeAll(async () => {
  port = await Port.open();
});
afterAll(async () => {
  await port.close();
  expect(port.service.wrongAnswers).toEqual([]);
});

test('nobody is told proceed against the safety case, and every hold has an exit, but for what is known', async () => {
  console.log(`npx tsx lab/port.ts --seed ${searchSeed} --seconds ${SECONDS}`);
  const until = Date.now() + SECONDS * 1000;
  const limits = { histories: HISTORIES, acts: ACTS, shrinkMs: 30_000 };
  const report = await runCampaign(port, { seed: searchSeed, until, ...limits });
  const unknown = [...report.faults.values()].filter(({ open }) => open === undefined);
  expect(
    unknown.map(({ kind, seed, detail, story }) => ({ kind, seed, detail, story })),
    formatReport(report),
  ).toEqual([]);
  expect(report.acts).toBeGreaterThan(LEAST_ACTS);
}, 600_000);
