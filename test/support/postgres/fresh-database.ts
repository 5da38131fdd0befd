import { inject } from 'vitest';
import { copyTemplate } from '../postgres-server.ts';

/**
 * A database of its own on the server that this worker's test files share, and its end: at the newest schema and empty, or
 * a copy of the database with this name, which nobody may use meanwhile.
 */
export function freshDatabase(template?: string): ReturnType<typeof copyTemplate> {
  const servers = inject('postgresServers');
  const mine = servers[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % servers.length];
  if (mine === undefined) throw new Error('the set-up of the project has started no PostgreSQL server');
  return copyTemplate(mine, template);
}
