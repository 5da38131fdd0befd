/**
 * Accuracy of separating two containers on one truck, and of leaving one container whole: `npm run measure -- containers [TRUCKS]`,
 * this many of each from seed 1 up; 200 unless given. Figures are in docs/decisions/0026-two-containers.md.
 */
import { oneContainer, twoContainers } from '../../test/support/two-containers.ts';

const trucks = Number(process.argv[2] ?? 200);
const seeds = Array.from({ length: trucks }, (_, i) => i + 1);
const pairs = seeds.map((seed) => twoContainers(seed));
const found = pairs.filter(({ error }) => error !== undefined && error <= 0.02);
const singles = seeds.map((seed) => oneContainer(seed));
const split = singles.filter(({ isSplit }) => isSplit);
for (const missed of pairs.filter((pair) => !found.includes(pair)))
  console.log('missed', JSON.stringify(missed));
for (const one of split) console.log('split', JSON.stringify(one));
const worst = Math.max(...found.map(({ error }) => error ?? 0));
const beyond = found.filter(({ overUncertainty = 0 }) => overUncertainty > 1).length;
console.log(`two containers: ${found.length} of ${trucks} found within 2 % of the width`);
console.log(`worst of those: ${(100 * worst).toFixed(2)} %; ${beyond} beyond the stated uncertainty`);
console.log(`one container: ${split.length} of ${trucks} split`);
