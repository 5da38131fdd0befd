import { randomUUID } from 'node:crypto';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { openRecords } from '../../src/adapters/postgres/records.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { scanRow } from '../support/contract/sample-records.ts';

/** Writes scans until it is killed, whatever happens to the database, and prints the id of each that is committed. */
const server = await openEmbeddedPostgres(process.argv[2] ?? '', () => undefined);
const records = openRecords(await openDatabase(() => server.url, { ensure: server.ensureRunning }));

for (;;) {
  const scan = scanRow({ id: randomUUID() });
  try {
    await records.transaction((tx) => tx.insertScan(scan));
    process.stdout.write(`${scan.id}\n`);
  } catch (error) {
    if (!isNiiError(error, 'NII_DATABASE_UNREACHABLE')) throw error;
  }
}
