import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { freePorts } from '../../scripts/s3-ports.mjs';

const run = promisify(execFile);
const ceph = (...args: readonly string[]) => run('bash', ['scripts/ceph-s3.sh', ...args]);

/** Works with the S3 server of the environment, or with a throw-away one from Debian's Ceph packages. */
export async function withS3<T>(work: (env: Record<string, string>) => Promise<T>): Promise<T> {
  if (process.env.NII_TEST_S3_URL) return work({});
  // short, because unix sockets lie in it
  const folder = mkdtempSync('/tmp/nii-s3-');
  const port = String(await freePorts());
  try {
    await ceph('start', folder, port);
    return await work({ NII_TEST_S3_URL: `http://127.0.0.1:${port}` });
  } finally {
    await ceph('stop', folder, port).finally(() => rmSync(folder, { recursive: true, force: true }));
  }
}
