import { inject } from 'vitest';
import { copyTemplate } from '../postgres-server.ts';

/** A database of its own at the newest schema, on the server that this worker's test files share, and its end. */
export function freshDatabase(): ReturnType<typeof copyTemplate> {
  const servers = inject('postgresServers');
  const mine = servers[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % servers.length];
  if (mine === undefined) throw new Error('the set-up of the project has started no PostgreSQL server');
  return copyTemplate(mine);
}
