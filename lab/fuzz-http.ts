/** `npm run fuzz:http`: requests of every kind against a service, judged by its own description; ends non-zero on a fault. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { roles } from '../src/core/access.ts';
import { type FuzzedService, openFuzzedService, reachService } from '../test/support/fuzz/fuzzed-service.ts';
import { fuzzHttp } from './http-fuzz/fuzz-http.ts';
import { curlLine, formatExample, formatFaults } from './http-fuzz/show.ts';
import type { Tally } from './http-fuzz/tally.ts';

const help = `npm run fuzz:http -- [options]

  --requests N      so many requests (50000)
  --minutes N       stops after so long, whatever --requests says
  --seed N          what is drawn is the same for the same seed (1)
  --one-key         one key asks everything and no setting is raised, so that the default limits are met
  --url URL         a service that runs already; without it one is started, with a database and a folder of its own
  --key ROLE=KEY    a key of it (may be repeated); roles: ${roles.join(', ')}
  --json FILE       what came of it, as JSON
  --help            this text

What a request is made from also depends on earlier answers, and so on their order: each kind of fault is shown with a
request that showed it, as JSON and as a line for a shell. A service of --url is written to: do not name one that is in use.`;

const { values } = parseArgs({
  options: {
    requests: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'one-key': { type: 'boolean', default: false },
    url: { type: 'string' },
    key: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const TELL_MS = 5000;

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}

function whole(name: string, written: string): number {
  const value = Number(written);
  return Number.isSafeInteger(value) && value >= 0
    ? value
    : stop(`--${name} takes a whole number, not ${written}`);
}

function keyOf(written: string) {
  const [role = '', token = ''] = written.split('=', 2);
  if (roles.some((known) => known === role) && token !== '') return { role, token };
  return stop(`--key takes ROLE=KEY with one of the roles ${roles.join(', ')}, not ${role}`);
}

function openService(): Promise<FuzzedService> {
  if (values.url === undefined) return openFuzzedService({ isOneKey: values['one-key'] });
  if (values.key.length === 0) stop('--url takes at least one --key');
  return reachService(values.url, values.key.map(keyOf));
}

function progressFrom(started: number) {
  let toldAt = started;
  return ({ requests, faults }: Tally) => {
    if (Date.now() - toldAt < TELL_MS) return;
    toldAt = Date.now();
    const rate = Math.round((requests * 60_000) / (toldAt - started));
    console.log(`${requests} requests, ${rate} a minute, ${faults.length} kinds of fault`);
  };
}

function report(tally: Tally, seconds: number): void {
  const statuses = [...tally.statuses].toSorted(([a], [b]) => a - b);
  console.log(
    `\n${tally.requests} requests of ${tally.operations.size} kinds in ${Math.round(seconds)} s, the slowest answer ${Math.round(tally.slowestMs)} ms`,
  );
  console.log(`answers: ${statuses.map(([status, count]) => `${count} × ${status || 'closed'}`).join(', ')}`);
  for (const { kind, detail, count, example } of tally.faults) {
    console.log(`\n${count} × ${kind}: ${detail}`);
    if (example !== undefined)
      console.log(`  ${JSON.stringify(formatExample(example))}\n  ${curlLine(example)}`);
  }
}

function asJson(tally: Tally, seconds: number): string {
  const { requests, slowestMs, statuses, operations, faults } = tally;
  const counts = { statuses: Object.fromEntries(statuses), operations: Object.fromEntries(operations) };
  return `${JSON.stringify({ requests, seconds, slowestMs, ...counts, faults: formatFaults(faults) }, null, 2)}\n`;
}

async function run(): Promise<void> {
  const seed = whole('seed', values.seed);
  const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes);
  if (!(minutes > 0)) stop(`--minutes takes a number above 0, not ${values.minutes}`);
  const usual = values.minutes === undefined ? '50000' : String(Number.MAX_SAFE_INTEGER);
  const requests = whole('requests', values.requests ?? usual);
  const service = await openService();
  const started = Date.now();
  try {
    const until = started + minutes * 60_000;
    const tally = await fuzzHttp({ ...service, seed, requests, until, progress: progressFrom(started) });
    const seconds = (Date.now() - started) / 1000;
    report(tally, seconds);
    if (values.json !== undefined) writeFileSync(values.json, asJson(tally, seconds));
    if (tally.faults.length > 0) process.exitCode = 1;
  } finally {
    await service.stop();
  }
}

if (values.help) console.log(help);
else await run();
