/**
 * `node scripts/smoke.mjs`: the shortest proof that this Node, user and machine run nii-hub: the demo, checked, and the
 * tests of what differs between them: contained processes, readers, converters, models, uploads, embedded PostgreSQL.
 * scripts/other-nodes.mjs and scripts/bare-machine.mjs run it in their surroundings.
 *
 *   --few             fewer tests
 *   --contained KIND  ends with 3 where this process would contain its children in another way
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, root } from './launch.mjs';
import { keepModules, passInterruptionsOn, printStep, runCommand, runStep, vitest } from './steps.mjs';

const node = process.execPath;

const fewTests = [
  'test/service/contain/containment.test.ts',
  'test/service/runtime/prove-children.test.ts',
  'test/service/reading/reader-pool.test.ts',
  'test/service/convert/ready-converters.test.ts',
];
const moreTests = [
  'test/service/contain/room.test.ts',
  'test/service/runtime/ready-children.test.ts',
  'test/service/convert/run.test.ts',
  'test/service/infer/onnx-runner.test.ts',
  'test/service/http/upload.test.ts',
];

/** Prints the way as JSON, and what this machine lacks for the stronger ones. */
const findWay = `
  import { findContainment } from './src/runtime/contain/containment.ts';
  const { kind, missing } = await findContainment();
  console.log(JSON.stringify({ kind, missing }));`;

async function isContainedBy(wanted) {
  const started = Date.now();
  const { output } = await runCommand([node, '--import', 'tsx', '--input-type=module', '--eval', findWay]);
  const found = /^\{"kind":.*\}$/m.exec(output)?.[0];
  const { kind, missing } = found === undefined ? { kind: 'nothing', missing: [output] } : JSON.parse(found);
  printStep('contained by', kind, started, kind === wanted ? '' : missing.join('; '));
  return kind === wanted;
}

async function runDemo(folder) {
  const started = Date.now();
  const rows = path.join(folder, 'demo.json');
  const run = '"$0" dist/src/main.js demo --once --json >"$1" && "$0" scripts/check-demo.mjs "$1"';
  const env = { NII_DATA: path.join(folder, 'data') };
  const { ok, output } = await runCommand(['sh', '-c', run, node, rows], { env });
  printStep('demo', ok ? 'ok' : 'FAILED', started, ok ? output.trim().split('\n').at(-1) : '');
  if (!ok) console.log(output.trim().slice(-8000));
  return ok;
}

const { values } = parseArgs({ options: { few: { type: 'boolean' }, contained: { type: 'string' } } });
process.chdir(root);
passInterruptionsOn();
if (values.contained !== undefined && !(await isContainedBy(values.contained))) process.exit(3);
ensureBuilt();
const folder = mkdtempSync(path.join(os.tmpdir(), 'nii-smoke-'));
chmodSync(folder, 0o755); // under root PostgreSQL runs as another user
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const demoRuns = await runDemo(folder);
const tests = values.few ? fewTests : [...fewTests, ...moreTests];
const testsPass = await runStep('tests', vitest(['service'], [...tests, keepModules]));
process.exitCode = demoRuns && testsPass ? 0 : 1;
