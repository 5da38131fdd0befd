import { afterAll, beforeAll } from 'vitest';
import { migrateDatabase, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openJobs } from '../../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { SetAsideJob } from '../../../src/core/ports/jobs.ts';
import { jobsContract } from '../../support/contract/jobs.ts';
import { auditSealsContract } from '../../support/contract/records/audit-seals.ts';
import { casesContract } from '../../support/contract/records/cases.ts';
import { feedContract } from '../../support/contract/records/feed.ts';
import { instancesContract } from '../../support/contract/records/instances.ts';
import { listsContract } from '../../support/contract/records/lists.ts';
import { readsOfManyContract } from '../../support/contract/records/of-many.ts';
import { radiationContract } from '../../support/contract/records/radiation.ts';
import { recordsContract } from '../../support/contract/records/records.ts';
import { resumableContract } from '../../support/contract/records/resumable.ts';
import { scannersContract } from '../../support/contract/records/scanners.ts';
import { sessionsContract } from '../../support/contract/records/sessions.ts';
import { turnsContract } from '../../support/contract/turns.ts';
import { type TestPostgres, testServers, withLogin } from '../../support/postgres-server.ts';

for (const { name, start } of testServers()) {
  let server: TestPostgres | undefined;
  let url: string;
  /** As a service opens it: by a role that does not own it. */
  let serviceUrl: string;
  beforeAll(async () => {
    server = await start();
    url = await server.freshDatabase();
    await migrateDatabase(url, server.service);
    serviceUrl = withLogin(url, server.service);
  });
  afterAll(() => server?.stop());
  const open = async () => openRecords(await openDatabase(serviceUrl));
  recordsContract(name, open);
  casesContract(name, open);
  listsContract(name, open);
  readsOfManyContract(name, open);
  feedContract(name, open);
  auditSealsContract(name, open);
  instancesContract(name, open);
  radiationContract(name, open);
  scannersContract(name, open);
  resumableContract(name, open);
  sessionsContract(name, open);
  turnsContract(name, {
    open,
    cutConnections: async () => {
      await server?.query(
        url,
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    },
  });
  jobsContract(name, async () => {
    const database = await openDatabase(serviceUrl);
    const setAside: SetAsideJob[] = [];
    const jobs = openJobs(database, (job) => setAside.push(job));
    return { records: openRecords(database), jobs, setAside };
  });
}
