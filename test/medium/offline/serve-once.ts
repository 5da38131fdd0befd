import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename } from 'node:path';
import type { Role } from '../../../src/core/access.ts';
import { eventually } from '../../support/eventually.ts';

/**
 * serve-once.ts NII PORT [FILE...] : starts the service on loopback, sends it one scan if files are named, and ends it. Prints
 * as JSON the network interfaces that it saw, how many scans were there before, and what became of this one. Runs where there
 * is no network, so it asks from there.
 */
const [nii = '', port = '', ...files] = process.argv.slice(2);
const address = `http://127.0.0.1:${port}`;
const PATIENCE_SECONDS = 120;

function newKey(role: Role): string {
  const args = [
    'keys',
    'create',
    '--json',
    '--role',
    role,
    '--administration',
    'utopia',
    '--site',
    'harbour',
  ];
  return JSON.parse(execFileSync(nii, [...args, '--name', role], { encoding: 'utf8' })).token;
}

async function call(role: Role, where: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${newKey(role)}` };
  const answer = await fetch(`${address}${where}`, { ...init, headers });
  if (!answer.ok) throw new Error(`${where}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function send(names: readonly string[]) {
  const body = new FormData();
  for (const name of names) body.append('files', await openAsBlob(name), basename(name));
  return call('scanner', '/v1/scans?wait=50&until=analysed', { method: 'POST', body });
}

const env = { ...process.env, NII_PORT: port };
const service = spawn(nii, ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
const ended = once(service, 'exit');
try {
  await eventually('the service is ready', PATIENCE_SECONDS, async () => {
    return (await fetch(`${address}/v1/health/ready`)).ok;
  });
  const before = await call('supervisor', '/v1/scans');
  const sent = files.length === 0 ? undefined : await send(files);
  const interfaces = Object.keys(networkInterfaces());
  console.log(JSON.stringify({ interfaces, before: before.items.length, sent }));
} finally {
  service.kill('SIGTERM');
  await ended;
}
