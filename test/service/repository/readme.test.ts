import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { readRepositoryFile, repositoryRoot } from '../../support/markdown-table.ts';
import { freePort } from '../../support/running-service.ts';
import { leftOut } from '../../support/s3-server.ts';

/**
 * Every command of README.md and of the tutorial runs as it is written, in one shell. Only the port differs, because the port in
 * the pages may be taken on this machine. The tutorial's requests reach the service that README.md starts.
 */

const pages = ['README.md', 'docs/tutorial/getting-started.md'];

const notRun: Readonly<Record<string, string>> = {
  'npm run demo': 'test/service/cli/demo.test.ts runs it, and checks its queue',
  'npm test': 'it would run itself',
  'npx --no-install nii kit make kit':
    'test/service/kit/kit.test.ts runs it; it takes as long as all others here',
  'npx --no-install nii bench':
    'it keeps both cores busy for a minute; test/service/cli/bench.test.ts runs it small',
  'NII_CONVERTERS_DIR=formats NII_MODELS_DIR=my-models npm run demo': 'the demo takes minutes',
  "curl -H \"Authorization: Bearer $SCANNER\" --data-binary @formats/my-scanner/fixtures/whole/scan.bin -H 'Content-Type: application/octet-stream' 'http://127.0.0.1:8080/v1/scans?name=scan.bin&wait=60'":
    'it needs the service that the line before starts',
};
/** Runs until it is ended, so that what comes after it has it. */
const SERVE = 'npx --no-install nii serve';

const commands = pages
  .flatMap((page) => [...readRepositoryFile(page).matchAll(/^```sh\n([\s\S]*?)^```$/gm)])
  .flatMap(([, block = '']) => block.split('\n'))
  .map((line) => line.replace(/\s+#\s.*$/, '').trim())
  .filter((line) => line !== '');
const run = commands.filter((command) => notRun[command] === undefined);

test('each command that is not run is on a page, and the service is started there', () => {
  expect(Object.keys(notRun).filter((command) => !commands.includes(command))).toEqual([]);
  expect(run).toContain(SERVE);
  expect(run.length).toBeGreaterThan(10);
});

/** What a command sets, the next one has. Each says how it ended. */
function sessionOf(port: number): string {
  const ready = `http://127.0.0.1:${port}/v1/health/ready`;
  const retry = '--silent --fail --retry 120 --retry-connrefused --retry-all-errors --retry-delay 1';
  const steps = run.map((line, i) => {
    const here = line.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`);
    if (line === SERVE) return said(`{ ${line} & curl ${retry} ${ready}; }`, i);
    // a reader types it by hand; a case is opened a moment after its scan is analysed
    return said(line.includes('/v1/queue') ? `for i in 1 2 3 4 5; do ${here}; sleep 1; done` : here, i);
  });
  return ['exec 2>&1', ...steps].join('\n');
}

function said(step: string, i: number): string {
  return `${step}\nprintf '\\n@@ %s %s\\n' ${i} $?`;
}

/** Processes whose command line names the folder. */
function runningIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // gone meanwhile
      }
    })
    .filter((line) => line.includes(folder));
}

function isGroupThere(leader: number): boolean {
  try {
    return process.kill(-leader, 0);
  } catch {
    return false;
  }
}

if (spawnSync('curl', ['--version']).status !== 0)
  leftOut('the commands of README.md and the tutorial', 'apt-get install curl');
else {
  const folder = mkdtempSync(join(tmpdir(), 'nii-readme-'));
  let output = '';

  beforeAll(async () => {
    const built = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: repositoryRoot });
    expect(built.status, String(built.stderr)).toBe(0);
    for (const name of ['package.json', 'dist', 'node_modules', 'fixtures', 'models', 'converters'])
      symlinkSync(join(repositoryRoot, name), join(folder, name));
    const port = await freePort();
    const { PATH } = process.env;
    const data = join(folder, 'data');
    const env = { PATH, HOME: folder, NII_LOG_LEVEL: 'fatal', NII_DATA: data, NII_PORT: String(port) };
    // A process group of its own: a signal to npx alone would leave the service behind
    const shell = spawn('bash', ['-c', sessionOf(port)], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const leader = shell.pid ?? 0;
    shell.stdout.on('data', (chunk) => (output += String(chunk)));
    try {
      await once(shell, 'exit');
    } finally {
      process.kill(-leader, 'SIGTERM');
      await eventually('what the commands started has ended', 60, () => !isGroupThere(leader));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  test('every other command of the pages ends well as it is written', () => {
    const ended = [...output.matchAll(/^@@ (\d+) (\d+)$/gm)].map(([, i, code]) => [run[Number(i)], code]);
    expect(ended, output.slice(-4000)).toEqual(run.map((command) => [command, '0']));
  });

  test('and they do what the pages say: a scan is taken, converted and in the queue, files are written', () => {
    expect(output).toContain('"converter":"nuctech-fs6000"');
    expect(output).toContain('"container":"NIIU3077638"');
    expect(output).toContain('format             my-scanner (converter my-scanner 0.1.0)');
    expect(output).toContain('adapter  anomaly-map');
    const written = ['converted', 'simulated', 'my-scan', 'formats/my-scanner', 'my-models/my-model/1'];
    expect(written.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  });

  test('nothing that they started is left', async () => {
    await expect.poll(() => runningIn(folder), { timeout: 20_000 }).toEqual([]);
  });
}
