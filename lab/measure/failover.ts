/**
 * `npm run measure -- failover [--seconds 20] [--only NAME]... [--s3] [--json]`: two processes of the API behind nginx and
 * two workers on a primary of PostgreSQL with a synchronous standby. Under load, servers, lines and processes fail one
 * after the other. Says what clients saw and what was lost. Needs the parts postgres, nginx and (--s3) s3 of
 * scripts/debian-parts.sh.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../test/support/running-service.ts';
import { incidents } from '../failover/incidents.ts';
import { type FailoverReport, runIncidents } from '../failover/run.ts';
import { optionsOf } from './options.ts';

const values = optionsOf(import.meta.url, {
  seconds: { type: 'string', default: '20' },
  only: { type: 'string', multiple: true },
  s3: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
});

const ceph = fileURLToPath(new URL('../../scripts/ceph-s3.sh', import.meta.url));
const began = Date.now();
const tell = (line: string) => console.error(`${((Date.now() - began) / 1000).toFixed(1)} s  ${line}`);

/** The lines to a store only where there is one. */
const chosen =
  values.only ?? incidents.map(({ name }) => name).filter((name) => values.s3 || !name.endsWith('store'));

async function onS3<T>(work: (s3: { endPoint: string; accessKey: string; secretKey: string }) => Promise<T>) {
  const folder = `/tmp/nii-s3-${randomBytes(4).toString('hex')}`;
  const port = String(await freePort());
  const env = {
    ...process.env,
    NII_TEST_S3_ACCESS_KEY: 'nii-test',
    NII_TEST_S3_SECRET_KEY: 'nii-test-secret',
  };
  await promisify(execFile)(ceph, ['start', folder, port], { env });
  try {
    return await work({
      endPoint: `http://127.0.0.1:${port}`,
      accessKey: env.NII_TEST_S3_ACCESS_KEY,
      secretKey: env.NII_TEST_S3_SECRET_KEY,
    });
  } finally {
    await promisify(execFile)(ceph, ['stop', folder, port], { env });
  }
}

const heads = [
  'incident',
  'lasted',
  'errors',
  'last error',
  'read',
  'upload',
  'analysed',
  'verdict',
  'slowest',
];

function tableOf(report: FailoverReport): string {
  const rows = report.incidents.map((one) => [
    one.incident,
    one.lastedSeconds,
    Object.entries(one.errors)
      .map(([word, count]) => `${count} × ${word}`)
      .join(', ') || 'none',
    one.lastErrorSeconds,
    one.readSeconds,
    one.uploadSeconds,
    one.analysedSeconds,
    one.verdictSeconds,
    one.slowestSeconds,
  ]);
  const table = [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  const faults = report.faults.length === 0 ? ['0 lost, 0 doubled, no fault'] : report.faults;
  const counted = `${report.requests} requests, ${report.uploads} uploads and ${report.verdicts} verdicts acknowledged`;
  return [...table, '', counted, ...faults].join('\n');
}

const options = { incidents: chosen, seconds: Number(values.seconds), keep: values.keep, tell };
const report = values.s3 ? await onS3((s3) => runIncidents({ ...options, s3 })) : await runIncidents(options);
console.log(values.json ? JSON.stringify(report, null, 2) : tableOf(report));
if (report.faults.length > 0) process.exitCode = 1;
