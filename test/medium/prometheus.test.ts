import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort, program, type RunningService, runService } from '../support/running-service.ts';
import { leftOut } from '../support/s3-server.ts';

const demo = join(import.meta.dirname, '../../fixtures/demo');
const deploy = join(import.meta.dirname, '../../deploy/prometheus');
const hasPrometheus = spawnSync('promtool', ['--version']).status === 0;
/** Starting two servers, converting three scans and looking at two of them with a model. */
const PATIENCE_SECONDS = 120;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

if (!hasPrometheus) leftOut('what Prometheus reads', 'apt-get install prometheus');
else
  describe('Prometheus, as Debian has it', { shuffle: false }, () => {
    let data: string;
    let settings: Record<string, string>;
    let service: RunningService;
    let prometheus: ChildProcess;
    let address: string;
    let scannerKey: string;
    let worker: ChildProcess | undefined;

    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), 'nii-prometheus-'));
      settings = { NII_DATA: join(data, 'data'), NII_ENABLE_FAKE: '1' };
      service = await runService(settings);
      await eventually('the service is ready', PATIENCE_SECONDS, async () => {
        return (await fetch(`${service.address}/v1/health/ready`)).ok;
      });
      scannerKey = issueKey(settings, 'scanner');
      const metricsPort = await freePort();
      worker = startWorker(settings, metricsPort);
      const port = await freePort();
      const config = join(data, 'prometheus.yml');
      const targets = [new URL(service.address).host, `127.0.0.1:${metricsPort}`];
      await writeFile(config, configuration(issueKey(settings, 'auditor'), targets));
      expect(spawnSync('promtool', ['check', 'config', config]).status).toBe(0);
      address = `http://127.0.0.1:${port}`;
      const storage = join(data, 'tsdb');
      prometheus = spawn(
        'prometheus',
        [
          `--config.file=${config}`,
          `--storage.tsdb.path=${storage}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { cwd: data, stdio: 'ignore' },
      );
    }, PATIENCE_SECONDS * 1000);

    afterAll(async () => {
      for (const child of [prometheus, worker]) if (child !== undefined) await end(child);
      await service?.stop();
      await rm(data, { recursive: true, force: true });
    });

    const query = async (expression: string): Promise<readonly Series[]> => {
      const url = `${address}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const answer = (await (await fetch(url)).json()) as { data: { result: Series[] } };
      return answer.data.result;
    };
    const readValue = async (expression: string) =>
      Number((await query(expression))[0]?.value[1] ?? Number.NaN);
    const reaches = (expression: string, value: number) =>
      eventually(
        `${expression} = ${value}`,
        PATIENCE_SECONDS,
        async () => (await readValue(expression)) === value,
      );

    /** Asked again where one scrape came late, after which there is no value for a moment. */
    const exceeds = (expression: string, limit: number) =>
      eventually(
        `${expression} > ${limit}`,
        PATIENCE_SECONDS,
        async () => (await readValue(expression)) > limit,
      );

    test('scrapes the API and a worker of its own, both with a key', async () => {
      await reaches('count(up == 1)', 2);
    });

    test('finds nothing wrong with names and help of the metrics', async () => {
      const answer = await fetch(`${service.address}/metrics`, {
        headers: { authorization: `Bearer ${scannerKey}` },
      });
      const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await answer.text() });
      const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
      // the names of the library's own metrics are the library's
      expect(complaints.filter((line) => !line.startsWith('nodejs_'))).toEqual([]);
    });

    test('exports every metric that an alert of deploy/ names', async () => {
      const headers = { authorization: `Bearer ${scannerKey}` };
      const text = await (await fetch(`${service.address}/metrics`, { headers })).text();
      const exported = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
      const rules = await readFile(join(deploy, 'nii-hub-alerts.yml'), 'utf8');
      const named = [...rules.matchAll(/\bnii_[a-z_]+/g)].map(([name]) =>
        name.replace(/_(bucket|count|sum)$/, ''),
      );
      expect(named.length).toBeGreaterThan(12);
      expect(named.filter((name) => !exported.has(name))).toEqual([]);
    });

    test('counts what the workers converted, by converter and outcome', async () => {
      for (const name of ['08-numpy-machinery', '09-numpy-fruit'])
        await send(service, scannerKey, await filesOf(name));
      await send(service, scannerKey, [['broken.npy', await brokenArray()]]);
      await reaches('sum(nii_conversion_duration_seconds_count{converter="numpy-array",outcome="done"})', 2);
      await reaches('sum(nii_conversion_duration_seconds_count{outcome="failed"})', 1);
      await exceeds('sum(nii_conversion_duration_seconds_sum{outcome="done"})', 0);
    });

    test('counts what models looked at', async () => {
      await reaches('sum(nii_inference_duration_seconds_count{model="cargo-anomaly",outcome="done"})', 2);
    });

    test('counts failures by code', async () => {
      await reaches('sum(nii_failures_total{kind="convert",code="NII_TRUNCATED"})', 1);
    });

    test('sees the backlog: scans, cases by state and band, holds, and the age of the oldest', async () => {
      await reaches('sum(nii_cases{state="queued"})', 2);
      await exceeds('nii_cases{state="queued"} > 0', 0);
      await reaches('nii_scans{state="analysed"}', 2);
      await reaches('nii_scans{state="failed"}', 1);
      await reaches('nii_holds{state="open"}', 0);
      await exceeds('nii_oldest_case_age_seconds', 0);
      await reaches('max(nii_oldest_job_age_seconds)', 0);
    });

    test('sees that store and database respond', async () => {
      await reaches('nii_up{part="store"}', 1);
      await reaches('nii_up{part="database"}', 1);
    });

    test('keeps the sums when a worker is killed', async () => {
      const count = 'sum(nii_conversion_duration_seconds_count)';
      await exceeds(count, 0);
      const before = await readValue(count);
      for (const pid of service.workerPids()) process.kill(pid, 'SIGKILL');
      await eventually('another worker', PATIENCE_SECONDS, async () => service.workerPids().length > 0);
      await reaches('count(up == 1)', 2);
      await exceeds(count, before - 1);
    });
  });

function issueKey(settings: Readonly<Record<string, string>>, role: string): string {
  const given = ['--administration', 'utopia', '--site', 'harbour', '--name', `test ${role}`, '--json'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...program, 'keys', 'create', '--role', role, ...given],
    { env: { PATH: process.env.PATH, ...settings } },
  );
  const { token } = JSON.parse(stdout.toString()) as { token?: string };
  if (token === undefined) throw new Error(`no key: ${stderr}`);
  return token;
}

function startWorker(settings: Readonly<Record<string, string>>, port: number): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    ...settings,
    NII_WORKER_METRICS_PORT: String(port),
    NII_LOG_LEVEL: 'warn',
  };
  return spawn(process.execPath, [...program, 'worker'], { env, stdio: 'ignore' });
}

function configuration(token: string, targets: readonly string[]): string {
  return `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: nii
    authorization: { credentials: ${token} }
    static_configs: [{ targets: ${JSON.stringify(targets)} }]
`;
}

type Named = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

async function filesOf(name: string): Promise<readonly Named[]> {
  const folder = join(demo, name, 'files');
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (file): Promise<Named> => [file, new Uint8Array(await readFile(join(folder, file)))]),
  );
}

/** A NumPy array whose samples are cut off. */
async function brokenArray(): Promise<Uint8Array<ArrayBuffer>> {
  const [array] = (await filesOf('10-numpy-empty')).filter(([name]) => name.endsWith('.npy'));
  if (array === undefined) throw new Error('no array in the demo');
  return array[1].slice(0, 1000);
}

async function send(service: RunningService, key: string, files: readonly Named[]): Promise<void> {
  const body = new FormData();
  for (const [name, bytes] of files) body.append('files', new Blob([bytes]), name);
  const answer = await fetch(`${service.address}/v1/scans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body,
  });
  expect(answer.status, await answer.text()).toBe(202);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
