import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

/** Number of the embedded server under this folder, by its lock file. */
export async function serverPid(data: string): Promise<number> {
  const lock = await readFile(join(data, 'cluster', 'pgdata', 'postmaster.pid'), 'utf8');
  return Number(lock.split('\n')[0]);
}

/** The server and its sessions. */
export function processesOf(server: number): readonly number[] {
  return [
    server,
    ...textAt(`/proc/${server}/task/${server}/children`).split(' ').filter(Boolean).map(Number),
  ];
}

/** Every running server that was started on the folder. */
export function serversOn(data: string): readonly number[] {
  const folder = join(data, 'cluster', 'pgdata');
  return pids().filter((pid) => {
    const args = textAt(`/proc/${pid}/cmdline`).split('\0');
    return args[0]?.endsWith('postgres') && args[args.indexOf('-D') + 1] === folder && !isZombie(pid);
  });
}

/** Ends the server quickly, as its folder goes away after this. */
export async function endServer(data: string): Promise<void> {
  for (const pid of serversOn(data)) kill(pid, 'SIGQUIT');
  await eventually('the server has ended', 30, () => serversOn(data).length === 0);
}

export function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // gone already
  }
}

/** Ports at which a process listens, of any address. */
export function listeningPorts(pid: number): readonly string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  const LISTEN = '0A';
  return ['tcp', 'tcp6'].flatMap((table) =>
    textAt(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTEN && sockets.has(fields[9]))
      .map((fields) => fields[1] ?? ''),
  );
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

function isZombie(pid: number): boolean {
  const stat = textAt(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
