import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

/** Orthanc as it comes from Debian, with nothing but its DICOMweb plug-in, on the loopback address. */
export interface Orthanc {
  readonly address: string;
  readonly pid: number;
  /** What it said last. */
  readonly log: () => string;
  stop(): Promise<void>;
}

const PLUGINS = '/usr/share/orthanc/plugins';

function dicomWebPlugin(): string | undefined {
  if (!existsSync(PLUGINS)) return undefined;
  const name = readdirSync(PLUGINS).find((file) => file.includes('DicomWeb'));
  return name === undefined ? undefined : join(PLUGINS, name);
}

export function hasOrthanc(): boolean {
  return dicomWebPlugin() !== undefined && spawnSync('Orthanc', ['--version']).status === 0;
}

/** A DICOMweb server that Orthanc knows: where it is, and the key to send. */
export interface KnownServer {
  readonly url: string;
  readonly token: string;
}

export async function startOrthanc(servers: Readonly<Record<string, KnownServer>>): Promise<Orthanc> {
  const folder = mkdtempSync(join(tmpdir(), 'nii-orthanc-'));
  const port = await freePort();
  const config = join(folder, 'orthanc.json');
  writeFileSync(config, JSON.stringify(configuration(folder, port, servers)));
  const child = spawn('Orthanc', [config], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-100_000);
    });
  }
  const address = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  if (await answers(`${address}/system`, child))
    return { address, pid: child.pid ?? 0, log: () => log, stop };
  await stop();
  throw new Error(`Orthanc did not start:\n${log}`);
}

function configuration(folder: string, port: number, servers: Readonly<Record<string, KnownServer>>) {
  const known = Object.entries(servers).map(([name, { url, token }]) => [
    name,
    {
      Url: url,
      HttpHeaders: { Authorization: `Bearer ${token}` },
      HasWadoRsUniversalTransferSyntax: true,
      Timeout: 60,
    },
  ]);
  return {
    Name: 'stranger',
    StorageDirectory: join(folder, 'storage'),
    IndexDirectory: join(folder, 'index'),
    Plugins: [dicomWebPlugin()],
    HttpServerEnabled: true,
    HttpPort: port,
    HttpBindAddresses: ['127.0.0.1'],
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomServerEnabled: false,
    SaveJobs: false,
    DicomWeb: { Enable: true, Root: '/dicom-web/', Ssl: false, Servers: Object.fromEntries(known) },
  };
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  let ok = false;
  await eventually('Orthanc responds, or has ended', 60, async () => {
    if (child.exitCode !== null) return true;
    ok = (await fetch(url)).ok;
    return ok;
  });
  return ok;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await once(child, 'exit', { signal: AbortSignal.timeout(10_000) }).catch(() => child.kill('SIGKILL'));
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
