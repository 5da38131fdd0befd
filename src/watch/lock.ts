import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NiiError } from '../core/errors.ts';

/**
 * One watcher for one state folder on this machine. A local socket is the lock: it ends with its process, whatever ends
 * that. @returns what frees it
 * @throws NII_CONFIG when another watcher runs
 */
export async function lockState(stateDir: string): Promise<() => Promise<void>> {
  const id = createHash('sha256').update(stateDir).digest('hex').slice(0, 24);
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\nii-watch-${id}` : join(tmpdir(), `nii-watch-${id}.sock`);
  if (await answers(path))
    throw new NiiError(
      'NII_CONFIG',
      `Another nii watch runs with the state folder ${stateDir}; end it first`,
    );
  if (process.platform !== 'win32') await rm(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  await once(server, 'listening');
  server.unref();
  return () => closed(server);
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
