/** `npx tsx lab/port.ts`: the adversary plays histories of a port against the service; ends non-zero on a new fault. */
import { parseArgs } from 'node:util';
import { startSharedServer } from '../test/support/postgres/shared-servers.ts';
import { copyTemplate } from '../test/support/postgres-server.ts';
import { keepTemporaryFilesInMemory } from '../test/support/vitest/memory.ts';
import { newFaultsOf, type Report, runCampaign } from './port/campaign.ts';
import { Port } from './port/port.ts';
import { formatReport, progressLine, toJson } from './port/report.ts';

const help = `npx tsx lab/port.ts [options]

  --seed N        what is drawn is the same for the same seed (1)
  --seconds S     begins no history after this long (60)
  --histories H   plays at most this many
  --acts N        acts in each history (60)
  --shrink S      longest time in which one fault is shrunk, in seconds (60)
  --first         ends with the first fault that is not known
  --known         shrinks faults of known kinds, too
  --json          the report as JSON
  --help          this text`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    histories: { type: 'string', default: '1000000' },
    acts: { type: 'string', default: '60' },
    shrink: { type: 'string', default: '60' },
    first: { type: 'boolean', default: false },
    known: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const TELL_MS = 10_000;

function whole(name: 'seed' | 'seconds' | 'histories' | 'acts' | 'shrink'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`Invalid --${name} "${values[name]}": use a whole number`);
  process.exit(2);
}

function tellNowAndThen(): (report: Report) => void {
  let toldAt = Date.now();
  return (report) => {
    if (Date.now() - toldAt < TELL_MS) return;
    toldAt = Date.now();
    console.error(progressLine(report));
  };
}

async function run(): Promise<void> {
  keepTemporaryFilesInMemory();
  const server = await startSharedServer();
  const port = await Port.open(await copyTemplate(server));
  try {
    const report = await runCampaign(port, {
      ...{ seed: whole('seed'), histories: whole('histories'), acts: whole('acts') },
      until: Date.now() + whole('seconds') * 1000,
      shrinkMs: whole('shrink') * 1000,
      shrinksKnown: values.known,
      endsAtNew: values.first,
      progress: tellNowAndThen(),
    });
    console.log(values.json ? JSON.stringify(toJson(report), null, 2) : formatReport(report));
    process.exitCode = newFaultsOf(report).length > 0 ? 1 : 0;
  } finally {
    await port.close();
    await server.stop();
  }
}

if (values.help) console.log(help);
else await run();
