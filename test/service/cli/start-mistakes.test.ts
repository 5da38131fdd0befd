import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { program } from '../../support/running-service.ts';

/** Whoever starts the service wrongly reads one line that says what to do, and no stack. */

let folder: string;
let database: Awaited<ReturnType<typeof freshDatabase>>;
const taken = createServer();
let port = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nii-start-'));
  await writeFile(join(folder, 'file'), '');
  database = await freshDatabase();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  port = Object(taken.address()).port;
});
afterAll(async () => {
  taken.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function start(settings: Readonly<Record<string, string>>) {
  const { PATH, HOME } = process.env;
  const env = {
    PATH,
    HOME,
    NII_DATA: join(folder, 'data'),
    NII_PORT: '0',
    NII_LOG_LEVEL: 'fatal',
    ...settings,
  };
  const child = spawn(process.execPath, [...program, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = await once(child, 'close');
  return { code, lines: said.trimEnd().split('\n') };
}

test.each([
  ['a port that is in use', () => ({ NII_PORT: String(port), ...served() }), /in use: .*NII_PORT/],
  [
    'an address of another machine',
    () => ({ NII_HOST: '203.0.113.9', ...served() }),
    /not an address of this machine: .*127\.0\.0\.1/,
  ],
  [
    'a log level that is none',
    () => ({ NII_LOG_LEVEL: 'loud' }),
    /NII_LOG_LEVEL "loud": use one of fatal, error/,
  ],
  [
    'a data folder that is a file',
    () => ({ NII_DATA: join(folder, 'file') }),
    /file.* is not a folder.*set NII_DATA/,
  ],
  ['a data folder in a file', () => ({ NII_DATA: join(folder, 'file/in') }), /is not a folder.*set NII_DATA/],
  ['a data folder that may not be written', () => ({ NII_DATA: '/sys/nii' }), /set NII_DATA/],
  [
    'a database that does not run',
    () => ({ NII_DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/x' }),
    /NII_DATABASE_UNREACHABLE: .*127\.0\.0\.1:9: nothing listens there\. Start it, or correct NII_DATABASE_URL/,
  ],
  [
    'a database on a machine that is not there',
    () => ({ NII_DATABASE_URL: 'postgres://u:secret@nowhere.invalid/x' }),
    /nowhere\.invalid: .*name.*NII_DATABASE_URL/,
  ],
  [
    'an object store that does not run',
    () => ({ NII_S3_URL: 'http://127.0.0.1:9', NII_S3_ACCESS_KEY: 'a', NII_S3_SECRET_KEY: 'secret' }),
    /NII_STORE_UNREACHABLE: .*127\.0\.0\.1:9: .*correct NII_S3_URL/,
  ],
  [
    'a folder of converters that is not there',
    () => ({ NII_CONVERTERS_DIR: join(folder, 'nowhere') }),
    /NII_CONFIG: .*nowhere cannot be read.*correct NII_CONVERTERS_DIR/,
  ],
  [
    'a folder of codes that is not there',
    () => ({ NII_CODES_DIR: join(folder, 'nowhere') }),
    /NII_CODES_DIR: .*nowhere cannot be read/,
  ],
])('%s is said in one line', async (_, settings, expected) => {
  const { code, lines } = await start(settings());
  expect(lines).toEqual([expect.stringMatching(expected)]);
  expect(lines[0]).not.toMatch(/ at |secret/);
  expect(code).toBe(3);
});

/** With stores that are there, so that it comes as far as listening. */
function served() {
  return { NII_DATABASE_URL: database.url, NII_WORKERS: '0' };
}
