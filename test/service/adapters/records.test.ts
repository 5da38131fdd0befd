import { afterAll, beforeAll } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openJobs } from '../../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { SetAsideJob } from '../../../src/core/ports/jobs.ts';
import { jobsContract } from '../../support/contract/jobs.ts';
import { recordsContract } from '../../support/contract/records.ts';
import { casesContract } from '../../support/contract/records-cases.ts';
import { feedContract } from '../../support/contract/records-feed.ts';
import { instancesContract } from '../../support/contract/records-instances.ts';
import { radiationContract } from '../../support/contract/records-radiation.ts';
import { scannersContract } from '../../support/contract/records-scanners.ts';
import { testServers } from '../../support/postgres-server.ts';

for (const { name, start } of testServers()) {
  let stop: () => Promise<void> = async () => undefined;
  let url: string;
  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    url = await server.freshDatabase();
  });
  afterAll(() => stop());
  const open = async () => openRecords(await openDatabase(url));
  recordsContract(name, open);
  casesContract(name, open);
  feedContract(name, open);
  instancesContract(name, open);
  radiationContract(name, open);
  scannersContract(name, open);
  jobsContract(name, async () => {
    const database = await openDatabase(url);
    const setAside: SetAsideJob[] = [];
    const jobs = openJobs(database, (job) => setAside.push(job));
    return { records: openRecords(database), jobs, setAside };
  });
}
