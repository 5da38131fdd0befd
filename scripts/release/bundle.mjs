/**
 * `npm run bundle -- --key FILE`: one signed archive with all that a machine without internet needs. docs/how-to/offline.md
 * says how it is checked and installed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, fail, requireNode, root, say } from '../launch.mjs';

const help = `npm run bundle -- --key FILE [--out FOLDER] [--version VERSION] [--level 1..9] [--json]

  --key FILE         Ed25519 private key (PEM) that signs the archive; make one with: openssl genpkey -algorithm ed25519 -out FILE
  --out FOLDER       output folder for the archive (.cache/bundles)
  --version VERSION  version of the archive, such as 1.2.3 or 1.2.3-rc.1 (the one in package.json)
  --level 1..9       compression level: 1 is fast, 9 is small (6)
  --json             prints the path, the hash and the size of each part as JSON`;

const versionForm = /^\d{1,5}\.\d{1,5}\.\d{1,5}(-[0-9A-Za-z.-]{1,40})?$/;

function readOptions() {
  const text = (fallback) => ({ type: 'string', ...(fallback === undefined ? {} : { default: fallback }) });
  const { values } = parseArgs({
    options: {
      key: text(),
      out: text('.cache/bundles'),
      version: text(),
      level: text('6'),
      json: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const version = values.version ?? JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
  if (values.key === undefined) fail('--key is missing: name the file of an Ed25519 private key', 2);
  if (!versionForm.test(version)) fail(`Invalid --version "${version}": use 1.2.3 or 1.2.3-rc.1`, 2);
  if (!/^[1-9]$/.test(values.level)) fail(`Invalid --level "${values.level}": use 1 to 9`, 2);
  return {
    key: values.key,
    out: path.resolve(values.out),
    version,
    level: Number(values.level),
    json: values.json,
  };
}

async function main() {
  const options = readOptions();
  const started = Date.now();
  ensureInstalled();
  ensureBuilt();
  // what these use is installed only now
  const { readSigningKey, sha256, writeArchive } = await import('./archive.mjs');
  const { entriesOf, originOf, sbomOf } = await import('./contents.mjs');
  const { megabytes, partsOf, tableOf, totalOf } = await import('./sizes.mjs');
  const { commit, time } = originOf(root);
  const { name, engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const key = readSigningKey(options.key);
  const platform = `${process.platform}-${process.arch}`;
  const entries = entriesOf(root, options.version);
  mkdirSync(options.out, { recursive: true });
  const work = mkdtempSync(path.join(options.out, '.making-'));
  try {
    const archive = await writeArchive(
      {
        entries,
        description: { name, version: options.version, platform, node: engines.node, commit },
        sbom: sbomOf(root, options.version, time),
        installer: readFileSync(path.join(root, 'scripts/release/install.mjs')),
      },
      { folder: options.out, payload: path.join(work, 'payload'), key, mtime: time, level: options.level },
    );
    const parts = partsOf(entries);
    const total = totalOf(parts);
    const made = { archive, bytes: statSync(archive).size, sha256: sha256(readFileSync(archive)) };
    console.log(options.json ? JSON.stringify({ ...made, parts, total }) : archive);
    say(tableOf(parts));
    say(`${total.files} files, ${megabytes(total.bytes)} installed, ${megabytes(made.bytes)} as an archive`);
    say(`sha256 ${made.sha256}, made in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

requireNode();
const calledFrom = process.cwd();
try {
  // paths are those of whoever calls
  process.chdir(process.env.INIT_CWD ?? calledFrom);
  await main();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
