/**
 * `npm run production`: makes this clone a production installation. Builds, then deletes from node_modules and dist/ what
 * no installation runs: tools of development, libraries of other platforms, packages that are in the bundle, types and
 * maps. `npm ci && npm run build` brings all of it back. `--dry-run` deletes nothing; `--json` prints the sizes as JSON.
 */
import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, fail, requireNode, root, say } from '../launch.mjs';

const help = `npm run production -- [options]

  --dry-run   only prints the sizes and deletes nothing
  --json      prints the sizes as JSON
  --help      shows this text

Makes this clone a production installation. Undo it with: npm ci && npm run build`;

/** Deletes all but these files and links below a folder, and folders that become empty. @returns bytes and files that go */
function keepOnly(folder, kept, dryRun) {
  const gone = { files: 0, bytes: 0 };
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      const inside = keepOnly(name, kept, dryRun);
      gone.files += inside.files;
      gone.bytes += inside.bytes;
    } else if (!kept.has(name)) {
      gone.files += 1;
      gone.bytes += lstatSync(path.join(root, name)).size;
      if (!dryRun) rmSync(path.join(root, name));
    }
  }
  if (!dryRun && readdirSync(path.join(root, folder)).length === 0) rmdirSync(path.join(root, folder));
  return gone;
}

async function main() {
  const { values } = parseArgs({
    options: { 'dry-run': { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(help);
  ensureInstalled();
  ensureBuilt();
  // what these use is installed only now
  const { entriesOf } = await import('./contents.mjs');
  const { megabytes, partsOf, tableOf, totalOf } = await import('./sizes.mjs');
  const entries = entriesOf(root, '0.0.0');
  const parts = partsOf(entries);
  const kept = new Set(entries.map(({ name }) => name));
  const gone = ['node_modules', 'dist'].map((folder) => keepOnly(folder, kept, values['dry-run'] === true));
  const { files, bytes } = totalOf(gone);
  if (values.json) console.log(JSON.stringify({ parts, total: totalOf(parts), deleted: { files, bytes } }));
  else console.log(tableOf(parts));
  const verb = values['dry-run'] ? 'would be deleted' : 'deleted';
  say(`${files} files, ${megabytes(bytes)} ${verb} from node_modules and dist`);
}

requireNode();
process.chdir(root);
try {
  await main();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
