/** `npx tsx lab/seeded.ts`: switches off one rule of the service after the other, and sees whether the adversary finds it. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededFaults } from './port/seeded/faults.ts';
import { copyRepository, findFault, type Outcome, removeCopy } from './port/seeded/run.ts';

const help = `npx tsx lab/seeded.ts [options]

  --seed N        of the first history (1)
  --seconds S     plays at most this long for each rule (600)
  --only TEXT     rules whose name contains this text
  --json          the outcomes as JSON
  --help          this text

Ends non-zero if the adversary does not find the loss of a rule.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '600' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const inWords = ({ name, found, seconds, acts }: Outcome): string =>
  `${found === undefined ? 'NOT FOUND' : 'found    '} ${String(seconds).padStart(4)} s ${String(acts).padStart(6)} acts  ${name}${found === undefined ? '' : `: ${found}`}`;

async function run(): Promise<void> {
  const [seed, seconds] = [Number(values.seed), Number(values.seconds)];
  const copy = await copyRepository(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
  const outcomes: Outcome[] = [];
  try {
    for (const fault of seededFaults.filter(({ name }) => name.includes(values.only))) {
      const outcome = await findFault(copy, fault, { seed, seconds });
      outcomes.push(outcome);
      if (!values.json) console.log(inWords(outcome));
    }
  } finally {
    await removeCopy(copy);
  }
  if (values.json) console.log(JSON.stringify(outcomes, null, 2));
  const found = outcomes.filter((outcome) => outcome.found !== undefined).length;
  console.error(`${found} of ${outcomes.length} rules found`);
  process.exitCode = found === outcomes.length ? 0 : 1;
}

if (values.help) console.log(help);
else await run();
