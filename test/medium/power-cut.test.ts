import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { JobCounts } from '../../src/core/ports/jobs.ts';
import type { Log } from '../../src/core/ports/process.ts';
import { verifyAll } from '../../src/maintenance/verify.ts';
import { openService } from '../../src/wiring.ts';
import { CuttableDisk } from '../support/cuttable-disk.ts';
import { eventually, pause } from '../support/eventually.ts';
import { endServer } from '../support/postgres/server-processes.ts';
import { seededRandom } from '../support/random.ts';
import { type RunningService, runService } from '../support/running-service.ts';
import { leftOut } from '../support/s3-server.ts';
import { searchSeed, searchSize } from '../support/search-size.ts';
import {
  everyScan,
  issueScannerKey,
  sendForEver,
  sendSmallScan,
  type Uploads,
} from '../support/small-scans.ts';

/**
 * The power goes while scans are uploaded, converted and analysed on a folder and embedded PostgreSQL. `npm run long` (part
 * power-cut) takes a hundred cuts a slice.
 */
const CUTS = searchSize.powerCuts;
/** Each waits for leases of workers that are gone, mostly. */
const CHECKED_AT_ONCE = 5;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

const settingsFor = (disk: string) => ({ NII_DATA: join(disk, 'data') });
const nameOf = (cut: number) => `cut-${cut}`;

/** What was acknowledged, and begun, before a cut. */
interface Before {
  readonly acknowledged: ReadonlyMap<number, string>;
  readonly begun: number;
}

/** Uploads to a service on the disk, and cuts at random moments. */
async function uploadUnderCuts(disk: CuttableDisk, token: string): Promise<readonly Before[]> {
  const service = await runService(settingsFor(disk.path));
  const uploads: Uploads = { acknowledged: new Map(), attempts: 0 };
  const random = seededRandom(searchSeed);
  const before: Before[] = [];
  try {
    const sending = sendForEver(service, token, uploads);
    await eventually('some scans are acknowledged', 60, () => uploads.acknowledged.size > 3);
    for (let cut = 0; cut < CUTS; cut += 1) {
      await pause(random() * 1_500, 'moment');
      before.push({ acknowledged: new Map(uploads.acknowledged), begun: sending.begun() });
      disk.cut(nameOf(cut));
    }
    await sending.stop();
  } finally {
    await service.stop();
  }
  return before;
}

/** Scans that were acknowledged last are sent again, too, and must be known under their ids. */
const SENT_AGAIN = 5;

/** The scanner sends again what was not acknowledged. */
async function sendAgain(
  service: RunningService,
  token: string,
  { acknowledged, begun }: Before,
): Promise<void> {
  const again: Uploads = { acknowledged: new Map(), attempts: 0 };
  const known = [...acknowledged.keys()].slice(-SENT_AGAIN);
  const serials = Array.from({ length: begun }, (_, serial) => serial);
  const open = serials.filter((serial) => !acknowledged.has(serial));
  for (const serial of [...known, ...open]) await sendSmallScan(service, token, serial, again);
  for (const serial of known)
    expect(again.acknowledged.get(serial), `scan ${serial}`).toBe(acknowledged.get(serial));
}

/** Hundreds of scans may wait after a cut: none of them is done within this time only where they are stuck. */
const STUCK_SECONDS = 120;

async function untilDone(jobs: JobCounts): Promise<void> {
  const count = async () =>
    Object.values(await jobs.counts()).reduce((sum, { waiting, running }) => sum + waiting + running, 0);
  for (let open = await count(); open > 0; open = await count()) {
    const before = open;
    await eventually(`one of ${before} jobs is done`, STUCK_SECONDS, async () => (await count()) < before);
  }
}

/** After the machine has started again: nothing acknowledged is lost, nothing is there twice, nothing is stuck. */
async function expectWhole(path: string, token: string, before: Before): Promise<void> {
  const settings = settingsFor(path);
  const service = await runService(settings);
  try {
    await sendAgain(service, token, before);
    const { deps, close } = await openService(readConfig(settings), silent);
    try {
      await untilDone(deps.jobs);
      const scans = await everyScan(deps.records);
      const ids = new Set(scans.map(({ id }) => id));
      expect(
        [...before.acknowledged.values()].filter((id) => !ids.has(id)),
        'lost',
      ).toEqual([]);
      expect(scans.length, 'doubled').toBe(before.begun);
      expect(scans.filter(({ state }) => state !== 'analysed').map(({ id, state }) => [id, state])).toEqual(
        [],
      );
      const { missing, corrupt, unknown } = await verifyAll(deps);
      expect({ missing, corrupt, unknown }).toEqual({ missing: [], corrupt: [], unknown: [] });
    } finally {
      await close();
    }
  } finally {
    await service.stop();
    await endServer(join(settings.NII_DATA, 'postgres'));
  }
}

const disk = CuttableDisk.open();
if (disk === undefined)
  leftOut('power cuts', 'run as root on Linux with loop devices; apt-get install xfsprogs e2fsprogs');
else
  describe('a power cut', { timeout: 120_000 + CUTS * 60_000 }, () => {
    afterAll(() => disk.close());

    it('takes what was not synced, and keeps what was', () => {
      const write = (name: string, isSynced: boolean) => {
        const file = openSync(join(disk.path, name), 'w');
        writeSync(file, 'x');
        if (isSynced) fsyncSync(file);
        closeSync(file);
      };
      write('synced', true);
      write('not-synced', false);
      disk.cut('first');
      const path = disk.openCut('first');
      expect(['synced', 'not-synced'].map((name) => existsSync(join(path, name)))).toEqual([true, false]);
      disk.closeCut('first');
    });

    it(`loses, doubles and stops nothing that was acknowledged, at ${CUTS} random moments`, async () => {
      const token = await issueScannerKey(settingsFor(disk.path));
      const before = await uploadUnderCuts(disk, token);
      await endServer(join(disk.path, 'data/postgres'));
      const check = async (cut: number, then: Before) => {
        await expectWhole(disk.openCut(nameOf(cut)), token, then);
        disk.closeCut(nameOf(cut));
      };
      for (let cut = 0; cut < CUTS; cut += CHECKED_AT_ONCE) {
        const some = before.slice(cut, cut + CHECKED_AT_ONCE);
        await Promise.all(some.map((then, i) => check(cut + i, then)));
      }
      const last = before.at(-1);
      console.log(
        `${CUTS} power cuts: 0 lost, 0 doubled, none stuck; ${last?.acknowledged.size} scans acknowledged and ${last?.begun} begun before the last; seed ${searchSeed}`,
      );
    });
  });
