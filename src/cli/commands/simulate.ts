import { defined } from '../../core/defined.ts';
import {
  anomalyKinds,
  cargoKinds,
  containerChoices,
  type Simulated,
  type SimulationWish,
  simulateInto,
  simulateLayouts,
  simulateTrainInto,
} from '../../local/simulate.ts';
import {
  type Command,
  exitCode,
  oneOf,
  requiredText,
  textOf,
  textsOf,
  type Values,
  WrongUse,
  wholeNumber,
} from '../command.ts';
import { progressOf } from '../progress.ts';
import { json, table } from '../text.ts';

const LARGEST_SEED = 0xffffffff;
const MOST = 10_000;

export const simulate: Command = {
  name: 'simulate',
  summary: 'create simulated scans in the layouts of several vendors',
  options: {
    seed: { type: 'string', help: '<N> seed; the same seed gives the same files' },
    layout: { type: 'string', help: `<LAYOUT> ${simulateLayouts.join(', ')}, train` },
    out: { type: 'string', short: 'o', help: '<DIR> output folder; created if it does not exist' },
    count: { type: 'string', default: '1', help: '<N> number of scans, with consecutive seeds' },
    container: {
      type: 'string',
      help: `<SIZE> ${containerChoices.join(', ')} (drawn from the seed)`,
    },
    cargo: { type: 'string', help: `<KIND> ${cargoKinds.join(', ')} (drawn from the seed)` },
    anomaly: {
      type: 'string',
      multiple: true,
      help: `<KIND> hide an object; can be repeated: ${anomalyKinds.join(', ')}`,
    },
    wagons: {
      type: 'string',
      help: '<N> number of wagons in a train (40); one scan, as a NumPy array with its sidecar',
    },
    loads: {
      type: 'string',
      help: '<N> number of different wagons, which repeat along the train (all)',
    },
    pitch: { type: 'string', help: '<MM> distance between samples, 2 to 40; fixed for the ase layouts' },
  },
  notes: [
    'Physics-based dual-energy transmission (NIST cross sections). The container numbers use an unassigned owner code.',
    'Prints the content of each scan; --json includes the positions of hidden objects.',
  ],
  async run(context, values) {
    if (textOf(values, 'layout') === TRAIN) return runTrain(context, values);
    rejectTrainOptions(values);
    const wishes = wishesOf(values);
    const out = requiredText(values, 'out');
    const progress = progressOf(context.terminal, 'scans simulated');
    const made: Simulated[] = [];
    for (const wish of wishes) {
      made.push(await simulateInto(out, wish));
      progress.count(made.length);
    }
    progress.end();
    context.terminal.out(values.json === true ? json(made) : report(made));
    return exitCode.done;
  },
};

const TRAIN = 'train';
const MOST_WAGONS = 1000;
const USUAL_WAGONS = 40;

async function runTrain(context: Parameters<Command['run']>[0], values: Values): Promise<number> {
  requiredText(values, 'seed');
  for (const name of ['container', 'cargo', 'anomaly']) {
    if (values[name] !== undefined) throw new WrongUse(`--${name} cannot be used with --layout train`);
  }
  const loads = wholeNumber(values, 'loads', MOST_WAGONS);
  const pitchMm = pitchOf(values);
  const options = {
    seed: wholeNumber(values, 'seed', LARGEST_SEED) ?? 0,
    wagons: wholeNumber(values, 'wagons', MOST_WAGONS) ?? USUAL_WAGONS,
    ...defined({ loads, pitchMm }),
  };
  const progress = progressOf(context.terminal, 'wagons simulated');
  const made = await simulateTrainInto(requiredText(values, 'out'), options, (done) => progress.count(done));
  progress.end();
  context.terminal.out(values.json === true ? json([made]) : report([made]));
  return exitCode.done;
}

function rejectTrainOptions(values: Values): void {
  for (const name of ['wagons', 'loads']) {
    if (values[name] !== undefined) throw new WrongUse(`--${name} can be used only with --layout train`);
  }
}

function wishesOf(values: Values): readonly SimulationWish[] {
  requiredText(values, 'seed');
  const first = wholeNumber(values, 'seed', LARGEST_SEED) ?? 0;
  const count = wholeNumber(values, 'count', MOST) ?? 1;
  const container = textOf(values, 'container');
  const cargo = textOf(values, 'cargo');
  const pitchMm = pitchOf(values);
  const wish = {
    layout: oneOf(requiredText(values, 'layout'), simulateLayouts, 'layout'),
    anomalies: textsOf(values, 'anomaly').map((kind) => oneOf(kind, anomalyKinds, 'anomaly')),
    ...defined({
      container: container === undefined ? undefined : oneOf(container, containerChoices, 'container'),
      cargo: cargo === undefined ? undefined : oneOf(cargo, cargoKinds, 'cargo'),
    }),
    ...defined({ pitchMm }),
  };
  return Array.from({ length: count }, (_, i) => ({ ...wish, seed: (first + i) % (LARGEST_SEED + 1) }));
}

function pitchOf(values: Values): number | undefined {
  const text = textOf(values, 'pitch');
  if (text === undefined) return undefined;
  const pitch = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text) && pitch >= 2 && pitch <= 40) return pitch;
  throw new WrongUse(`Invalid --pitch "${text}": use a number of millimetres from 2 to 40`);
}

/** A train has more than fit into a table. */
function shortList(values: readonly string[]): string {
  const shown = values.slice(0, 4).join(', ');
  return values.length > 4 ? `${shown} and ${values.length - 4} more` : shown;
}

function report(made: readonly Simulated[]): string {
  const rows = made.map(({ seed, rows: height, columns, containers, goods, anomalies, files }) => [
    String(seed),
    `${height} × ${columns}`,
    shortList(containers),
    anomalies.length === 0 ? '-' : `${anomalies.length} hidden`,
    goods,
    files.map(({ name }) => name).join(', '),
  ]);
  return table(['seed', 'rows × columns', 'container', 'anomalies', 'goods', 'files'], rows);
}
