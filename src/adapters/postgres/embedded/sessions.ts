import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const LOOKS = 10;
const LOOK_EVERY_MS = 100;

/** Sessions that have just been closed, this process's own among them, are seen for a moment longer. */
export async function staysInUse(url: string): Promise<boolean> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (!(await isUsedByOthers(url))) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** True when sessions other than this question's own are open; false when nothing answers. */
async function isUsedByOthers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ others: boolean }>(
      `select exists (select from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()) as others`,
    );
    return rows[0]?.others === true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
