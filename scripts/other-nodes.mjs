/**
 * `node scripts/other-nodes.mjs`: the smoke test (scripts/smoke.mjs) on each Node that nii-hub supports besides the
 * machine's own, with the program that the npm package `node` would bring for this machine. It is kept in .cache/node.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { npmCommand, root } from './launch.mjs';
import { openTotals } from './totals.mjs';

const versions = ['24.21.0', '26.10.0'];

const packageName = `node-${process.platform}-${process.arch}`;

/** Folder of its program. */
function programs(version) {
  return path.join(root, '.cache/node', version, 'node_modules', packageName, 'bin');
}

/** Says why it is not there, or nothing. */
function bring(version) {
  if (existsSync(path.join(programs(version), 'node'))) return undefined;
  const prefix = path.join(root, '.cache/node', version);
  const alone = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--fetch-retries=1'];
  const [npm, ...first] = npmCommand();
  const args = [...first, 'install', '--prefix', prefix, ...alone, `${packageName}@${version}`];
  const { status, stderr, error } = spawnSync(npm, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return undefined;
  return `npm could not install ${packageName}@${version}: ${
    String(error?.message ?? stderr)
      .trim()
      .split('\n')[0]
  }`;
}

const totals = openTotals('other nodes');
for (const version of versions) {
  const name = `Node ${version}`;
  const missing = bring(version);
  if (missing !== undefined) {
    totals.leaveOut(name, missing);
    continue;
  }
  console.log(`${name}: the smoke test`);
  const env = { ...process.env, PATH: `${programs(version)}:${process.env.PATH}` };
  const node = path.join(programs(version), 'node');
  const { status } = spawnSync(node, ['scripts/smoke.mjs'], { cwd: root, env, stdio: 'inherit' });
  totals.count(name, status === 0);
}
totals.close();
