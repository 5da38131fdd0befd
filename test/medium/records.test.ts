import { afterAll, beforeAll } from 'vitest';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { openJobs } from '../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../src/adapters/postgres/records.ts';
import { jobsContract } from '../contract/jobs.ts';
import { recordsContract } from '../contract/records.ts';
import { casesContract } from '../contract/records-cases.ts';
import { feedContract } from '../contract/records-feed.ts';
import { instancesContract } from '../contract/records-instances.ts';
import { radiationContract } from '../contract/records-radiation.ts';
import { scannersContract } from '../contract/records-scanners.ts';
import { testServers } from './postgres-server.ts';

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
    return { records: openRecords(database), jobs: openJobs(database) };
  });
}
