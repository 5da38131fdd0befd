import { runTrain, type TrainRun, tableOf } from '../../test/medium/train-run.ts';

/**
 * Peak memory of each process of the service for trains of several widths:
 * `npm run measure -- train [WAGONS …]`, 2,500 columns a wagon; 10, 40 and 80 unless given. Runs the built
 * program where there is one.
 */
const wagons = process.argv.slice(2).map(Number);
const runs: TrainRun[] = [];
for (const count of wagons.length === 0 ? [10, 40, 80] : wagons) {
  await runTrain({ wagons: count, loads: Math.min(count, 2) }, async (run) => {
    runs.push(run);
  });
}
console.log(tableOf(runs));
