import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { hasProgram } from './dicom-tools.ts';
import { eventually } from './eventually.ts';
import { freePort } from './running-service.ts';

/** Debian has it in a folder that only root has on its path. */
const program = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path));

export const hasNginx =
  program !== undefined && spawnSync(program, ['-v']).status === 0 && hasProgram('openssl', 'version');

/** Names the process behind the proxy that answered. */
export const ANSWERED_BY = 'x-answered-by';

export interface OneAddress {
  readonly address: string;
  stop(): Promise<void>;
}

/** One address before several services, which take turns. */
export async function startNginx(addresses: readonly string[]): Promise<OneAddress> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const isUp = async () => (await fetch(`${address}/v1/health/live`)).ok;
  return { address, stop: await runNginx(takingTurns(port, addresses), isUp) };
}

/** nginx with this content of its http block. @returns what ends it */
export async function runNginx(http: string, isUp: () => Promise<boolean>): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'nii-nginx-'));
  const config = join(folder, 'nginx.conf');
  await mkdir(join(folder, 'temp'));
  await writeFile(config, configuration(folder, http));
  const child = spawn(program ?? 'nginx', ['-p', folder, '-c', config, '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  await eventually('nginx listens', 30, isUp);
  return () => stop(child, folder);
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}

function configuration(folder: string, http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, 'temp', kind)};`,
  );
  return `daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
user ${userInfo().username};
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  ${http}
}
`;
}

function takingTurns(port: number, addresses: readonly string[]): string {
  return `upstream services {
    ${addresses.map((address) => `server ${new URL(address).host};`).join('\n    ')}
  }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    proxy_http_version 1.1;
    proxy_request_buffering off;
    proxy_buffering off;
    location / {
      proxy_pass http://services;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      add_header ${ANSWERED_BY} $upstream_addr always;
    }
  }`;
}
