/**
 * `npm run siege`: the attacks that once stopped the service, against a service on this machine; and the long siege, in
 * which others go on sending meanwhile. Ends non-zero when an attack was not withstood.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { defined } from '../src/core/defined.ts';
import { attacks } from './siege/attacks/index.ts';
import { besiege } from './siege/long-siege.ts';
import { attackOnce, chooseAttacks, tableOfAttacks } from './siege/once.ts';
import { textOf } from './siege/report.ts';
import { startProgram } from './siege/start-program.ts';
import { loopbackUrl, type Target } from './siege/target.ts';

const width = Math.max(...attacks.map(({ name }) => name.length));
const help = `npm run siege -- --once (--program FILE | --url URL --key KEY --reader-key KEY [--pid PID]) [options]
npm run siege -- --minutes 30 --rate 400

  --once             each attack once, against a service on this machine
  --program FILE     instead of the next four: starts this program (dist/src/main.js of any version) on a folder of
                     its own, with 1024 open files
  --url URL          its address: http:// of this machine only
  --key KEY          a key that may send scans (role scanner)
  --reader-key KEY   a key that may look at scans and the queue (role supervisor)
  --pid PID          process of its API; without it nothing is said of memory
  --nii FILE         program of its command line, for the attack on that (dist/src/main.js)
  --attack NAME      only this attack (may be repeated)

  --minutes N        starts a service of its own: a quarter of N minutes without attacks, then N minutes of all attacks
                     in turn while its worker is killed every five minutes
  --rate N           scans an hour that others send meanwhile (400)

  --json             results as JSON, one line each
  --help             this text

Attacks
${attacks.map(({ name, summary, sizes }) => `  ${name.padEnd(width)}  ${summary}; ${sizesOf(sizes)}`).join('\n')}`;

function sizesOf(sizes: Readonly<Record<string, number>>): string {
  return Object.entries(sizes)
    .map(([name, size]) => `${name} ${size}`)
    .join(', ');
}

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    program: { type: 'string' },
    url: { type: 'string' },
    key: { type: 'string' },
    'reader-key': { type: 'string' },
    pid: { type: 'string' },
    nii: { type: 'string', default: fileURLToPath(new URL('../dist/src/main.js', import.meta.url)) },
    attack: { type: 'string', multiple: true },
    minutes: { type: 'string' },
    rate: { type: 'string', default: '400' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function required(name: 'url' | 'key' | 'reader-key'): string {
  const value = values[name];
  if (value === undefined) throw new RangeError(`--once needs --${name}`);
  return value;
}

function positive(name: string, written: string): number {
  const value = Number(written);
  if (value > 0) return value;
  throw new RangeError(`--${name} takes a number above 0, not ${written}`);
}

function targetOf(): Target {
  return {
    url: loopbackUrl(required('url')),
    senderKey: required('key'),
    readerKey: required('reader-key'),
    nii: [process.execPath, values.nii],
    ...defined({ pid: values.pid === undefined ? undefined : positive('pid', values.pid) }),
  };
}

async function once(): Promise<boolean> {
  if (values.program === undefined) return attackAll(targetOf());
  const started = await startProgram(path.resolve(values.program));
  try {
    return await attackAll(started.target);
  } finally {
    await started.stop();
  }
}

async function attackAll(target: Target): Promise<boolean> {
  const all = await attackOnce(target, chooseAttacks(values.attack), (seen) => {
    if (values.json) return console.log(JSON.stringify(seen));
    console.error(`${seen.attack}: ${seen.faults.length === 0 ? 'withstood' : seen.faults.join('; ')}`);
  });
  if (!values.json) console.log(`\n${tableOfAttacks(all)}`);
  return all.every(({ faults }) => faults.length === 0);
}

async function long(minutes: number): Promise<boolean> {
  const tell = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  const report = await besiege({ minutes, rate: positive('rate', values.rate), tell });
  console.log(values.json ? JSON.stringify(report) : textOf(report));
  return report.faults.length === 0;
}

async function run(): Promise<boolean> {
  if (values.once) return once();
  if (values.minutes !== undefined) return long(positive('minutes', values.minutes));
  throw new RangeError('say --once or --minutes N; --help explains');
}

if (values.help) console.log(help);
else {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
