/** `node scripts/check-demo.mjs FILE`: whether the demo's JSON is a ranked queue of enough scans from enough layouts. */
import { readFileSync } from 'node:fs';
import { fail } from './launch.mjs';

const leastScans = 8;
const leastLayouts = 4;
const fields = ['scanId', 'converter', 'container', 'anomalyPercentile', 'reason', 'completeness'];

const rows = JSON.parse(readFileSync(process.argv[2], 'utf8'));
if (!Array.isArray(rows)) fail('the demo printed something other than an array');
for (const [i, row] of rows.entries()) {
  const absent = fields.filter((field) => !Object.hasOwn(row, field));
  if (absent.length > 0) fail(`row ${i} of the demo lacks ${absent.join(', ')}`);
}
const scans = new Set(rows.map((row) => row.scanId)).size;
const layouts = new Set(rows.map((row) => row.converter)).size;
const scored = rows.filter((row) => typeof row.anomalyPercentile === 'number').length;
if (scans < leastScans) fail(`the demo's queue has ${scans} scans, not ${leastScans}`);
if (layouts < leastLayouts) fail(`the demo's scans have ${layouts} layouts, not ${leastLayouts}`);
if (scored === 0) fail("no row of the demo's queue has a percentile: the model analysed nothing");

/** Pairs of a container with something hidden and one without, and in how many the former is ahead. */
const hidden = rows.filter((row) => row.simulatedAnomaly === true);
const plain = rows.filter((row) => row.simulatedAnomaly === false);
const pairs = hidden.length * plain.length;
const ahead = hidden.flatMap((row) => plain.filter((other) => row.rank < other.rank)).length;
if (2 * ahead <= pairs)
  fail(`only ${ahead} of ${pairs} pairs have the container with the hidden object first`);
console.log(
  `the demo's queue: ${rows.length} rows, ${scans} scans, ${layouts} layouts, ${scored} scored, ${ahead} of ${pairs} pairs in order`,
);
