/** `npm run fuzz`: changed files of every package, for as long as asked; ends non-zero when one did what none may. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadConverters } from '../src/recognise/registry.ts';
import { fuzzTarget } from './fuzz/guarded.ts';
import { judge } from './fuzz/oracle.ts';
import { ARCHIVES, CODECS, DICOM_SYNTAXES } from './fuzz/seeds.ts';
import { type TargetResult, tableOf } from './fuzz/tally.ts';

const help = `npm run fuzz -- [--package ID]... [options]

  --package ID      a package, or ${ARCHIVES} or ${DICOM_SYNTAXES}; all of them unless given (may be repeated);
                    or a decoder: ${CODECS.join(', ')}
  --inputs N        inputs for each package (10000)
  --from N          number of the first input (0)
  --seconds S       stops after so long in all; without --inputs it goes on until then
  --seed X          inputs are the same for the same seed (1)
  --jobs K          processes at a time (1)
  --hang-seconds S  an input that takes longer is a hang (20)
  --slow-seconds S  an input that takes more processor time is a fault (2)
  --converters DIR  packages beside those that are built in
  --keep DIR        folder for inputs that failed (a temporary one)
  --json FILE       what came of it, as JSON
  --replay PATH     one kept input (its folder) or one file: says what becomes of it`;

const { values } = parseArgs({
  options: {
    package: { type: 'string', multiple: true },
    inputs: { type: 'string' },
    from: { type: 'string', default: '0' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    'hang-seconds': { type: 'string', default: '20' },
    'slow-seconds': { type: 'string', default: '2' },
    converters: { type: 'string' },
    keep: { type: 'string' },
    json: { type: 'string' },
    replay: { type: 'string' },
    help: { type: 'boolean' },
  },
});

function whole(name: string, written: string): number {
  const value = Number(written);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} takes a whole number`);
  process.exit(2);
}

const extra = values.converters === undefined ? {} : { extra: path.resolve(values.converters) };
const all = await loadConverters({ enableFake: true, ...extra });

async function replay(where: string): Promise<void> {
  const verdict = await judge(
    { all, folder: mkdtempSync(path.join(tmpdir(), 'nii-replay-')) },
    filesAt(where),
  );
  console.log(verdict.words.join(', '));
  for (const fault of verdict.faults) console.error(fault);
  if (verdict.faults.length > 0) process.exitCode = 1;
}

function filesAt(where: string) {
  if (!statSync(where).isDirectory()) {
    return [{ name: path.basename(where), bytes: new Uint8Array(readFileSync(where)) }];
  }
  const about = JSON.parse(readFileSync(path.join(where, 'input.json'), 'utf8')) as { names: string[] };
  return about.names.map((name, i) => ({
    name,
    bytes: new Uint8Array(readFileSync(path.join(where, String(i)))),
  }));
}

async function fuzz(targets: readonly string[]): Promise<readonly TargetResult[]> {
  const jobs = Math.max(1, whole('jobs', values.jobs));
  const seconds = values.seconds === undefined ? undefined : whole('seconds', values.seconds);
  const usual = seconds === undefined ? 10_000 : Number.MAX_SAFE_INTEGER / 2;
  const shared = {
    seed: whole('seed', values.seed),
    from: whole('from', values.from),
    inputs: values.inputs === undefined ? usual : whole('inputs', values.inputs),
    hangSeconds: whole('hang-seconds', values['hang-seconds']),
    slowSeconds: whole('slow-seconds', values['slow-seconds']),
    keep: values.keep ?? mkdtempSync(path.join(tmpdir(), 'nii-fuzz-kept-')),
    ...(seconds === undefined ? {} : { seconds: (seconds * jobs) / targets.length }),
    ...extra,
  };
  const waiting = [...targets];
  const results: TargetResult[] = [];
  const work = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      results.push(await fuzzTarget({ ...shared, target, progress: progressOf(target) }));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  for (const fault of results.flatMap(({ faults }) => faults)) {
    const { kind, target, seed, index, detail } = fault;
    console.log(
      `${kind}: ${path.join(shared.keep, `${target}-${seed}-${index}`)}\n  ${detail.replaceAll('\n', '\n  ')}`,
    );
  }
  return results.toSorted((a, b) => targets.indexOf(a.target) - targets.indexOf(b.target));
}

function progressOf(target: string) {
  const started = Date.now();
  let toldAt = started;
  return (tally: { readonly inputs: number }, faults: number) => {
    if (Date.now() - toldAt < 5000) return;
    toldAt = Date.now();
    const rate = (tally.inputs * 1000) / (toldAt - started);
    console.log(`${target}: ${tally.inputs} inputs, ${rate.toFixed(0)} a second, ${faults} faults`);
  };
}

if (values.help === true) console.log(help);
else if (values.replay !== undefined) await replay(values.replay);
else {
  const known = [...all.map(({ manifest }) => manifest.id), ARCHIVES, DICOM_SYNTAXES];
  const unknown = values.package?.find((id) => ![...known, ...CODECS].includes(id));
  if (unknown !== undefined) {
    console.error(`no package ${unknown}; there are ${[...known, ...CODECS].join(', ')}`);
    process.exit(2);
  }
  const results = await fuzz(values.package ?? known);
  console.log(`\n${tableOf(results)}`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  if (results.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}
