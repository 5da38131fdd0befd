/**
 * `npm run formats`: runs the contract suite over every package and writes docs/reference/formats.md and converters/ratings.json.
 * `--check` writes nothing and fails when one of them is stale.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConverters } from '../src/recognise/registry.ts';
import {
  defaultEffort,
  fixturesOfAll,
  runContract,
  scansOf,
  subjectOf,
} from '../src/tools/contract/contract.ts';
import { type FormatEntry, formatsPage } from '../src/tools/contract/formats-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs/reference/formats.md');
const ratingsFile = path.join(root, 'converters/ratings.json');
const template = readFileSync(path.join(root, 'docs/reference/formats.template.md'), 'utf8');
/** Enough to see that the contract holds; the test suite tries more. */
const effort = { ...defaultEffort, inputs: 20, cuts: 6 };

const all = await loadConverters({ enableFake: true });
const fixtures = await fixturesOfAll(all);

async function entryOf(converter: (typeof all)[number]): Promise<FormatEntry> {
  const { ratings } = await runContract({ converter, all, fixtures, effort });
  const folder = mkdtempSync(path.join(tmpdir(), 'nii-formats-'));
  try {
    const scans = await scansOf(subjectOf({ converter, all, fixtures }, folder));
    return { manifest: converter.manifest, ratings, scans };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const entries: FormatEntry[] = [];
for (const converter of all) entries.push(await entryOf(converter));
const ratings = entries.flatMap(({ manifest: { id, version }, ratings: given }) =>
  given === undefined ? [] : [[id, { version, ratings: given }] as const],
);
const texts = new Map([
  [page, formatsPage(template, entries)],
  [ratingsFile, `${JSON.stringify(Object.fromEntries(ratings), null, 2)}\n`],
]);

if (process.argv.includes('--check')) {
  for (const [file, text] of texts) {
    const present = readFileSync(file, 'utf8');
    if (present === text) continue;
    console.error(`${path.relative(root, file)} is stale: run \`npm run formats\` and commit what it writes`);
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of texts) writeFileSync(file, text);
  console.log(`${entries.length} formats in docs/reference/formats.md`);
}
