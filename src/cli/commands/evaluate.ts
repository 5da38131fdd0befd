import { isNiiError } from '../../core/errors.ts';
import {
  classesOfThreats,
  type Evaluation,
  evaluate,
  type Normals,
  type Threats,
} from '../../evaluate/evaluate.ts';
import { ownLibraryPath, readLibrary } from '../../evaluate/projection/library.ts';
import { FEWEST_FOR_RATES, makeReport } from '../../evaluate/report/make.ts';
import { writeReport } from '../../evaluate/report/page.ts';
import type { EvaluationReport } from '../../evaluate/report/schema.ts';
import { gridCells } from '../../evaluate/subjects/grid.ts';
import { parseSimulated, purposeOf } from '../../evaluate/subjects/seeds.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  requiredText,
  textOf,
  type Values,
  WrongUse,
  wholeNumber,
} from '../command.ts';
import { json, table } from '../text.ts';

const USUAL_NORMALS = 120;
const USUAL_OBJECTS = { simulated: 60, folder: 6 } as const;
const MOST_OBJECTS = 100_000;
const MOST_GRID_SCANS = 1_000;
/** Between two lines of progress where nobody watches. */
const LINE_EVERY_MS = 30_000;

export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'evaluate a model on simulated scans or on your own',
  operands: 'MODEL',
  options: {
    normals: {
      type: 'string',
      help: '<SCANS> ordinary scans: a folder of files in supported formats, or sim, sim:COUNT, sim:SET:COUNT; SET is development, sealed or sealed-2',
      default: `sim:development:${USUAL_NORMALS}`,
    },
    threats: {
      type: 'string',
      help: '<OBJECTS> hidden objects: sim (the simulator’s anomalies), library (the product’s objects, projected), or your own JSON library',
    },
    objects: {
      type: 'string',
      help: `<N> number of scans with an object: in total with sim (${USUAL_OBJECTS.simulated}), or for each scan in a folder (${USUAL_OBJECTS.folder})`,
    },
    grid: {
      type: 'string',
      help: `<N> number of ordinary scans in which ${gridCells.length} plates of fixed sizes and thicknesses are projected; 0 for none`,
      default: '0',
    },
    prevalence: {
      type: 'string',
      help: '<PERCENT> assumed share of positive scans in the queue',
      default: '1',
    },
    out: { type: 'string', short: 'o', help: '<DIR> folder for the report; created if it does not exist' },
  },
  notes: [
    'MODEL is a package folder, such as models/cargo-anomaly/2.',
    'Writes report.json, report.html and scores.jsonl. If it is interrupted, run it again to continue.',
    `Detection rates need ${2 * FEWEST_FOR_RATES} ordinary scans: half of them set the threshold. The default of ${USUAL_NORMALS} gives a quick impression.`,
    'You can add --grid to a finished evaluation. In that case, only the plates are scored.',
    'The report shows what the model misses. It is for data scientists and supervisors, and is never part of a package.',
    'docs/how-to/evaluation.md explains each figure.',
  ],
  async run(context, values, operands) {
    const [folder, ...others] = operands;
    if (folder === undefined || others.length > 0)
      throw new WrongUse('Missing operand: use one folder of a model package');
    const out = requiredText(values, 'out');
    const prevalence = prevalenceOf(values);
    const normals = normalsOf(values);
    const threats = await threatsOf(values, normals);
    const objects = wholeNumber(values, 'objects', MOST_OBJECTS) ?? USUAL_OBJECTS[normals.kind];
    const grid = wholeNumber(values, 'grid', MOST_GRID_SCANS) ?? 0;
    const { model, close } = await context.model(folder);
    try {
      const evaluation = { model, normals, threats, objects, grid, out };
      const records = await scored(context, evaluation);
      const { id, version, sha256, title } = model.pkg.manifest;
      const report = makeReport(records, {
        product: context.version,
        model: { id, version, sha256, title },
        data: { ...inWords(evaluation), assumptions: assumptionsOf(evaluation) },
        prevalence,
        classes: classesOfThreats(threats),
      });
      const files = await writeReport(out, report);
      context.terminal.out(values.json === true ? json(report) : summary(report, files));
      return exitCode.done;
    } finally {
      await close();
    }
  },
};

/* ---- What is asked for ---------------------------------------------------------------------------------------- */

function prevalenceOf(values: Values): number {
  const text = textOf(values, 'prevalence') ?? '';
  const percent = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text) && percent > 0 && percent < 100) return percent / 100;
  throw new WrongUse(`Invalid --prevalence "${text}": use a percentage above 0 and below 100`);
}

function normalsOf(values: Values): Normals {
  const text = requiredText(values, 'normals');
  try {
    const simulated = parseSimulated(text, USUAL_NORMALS);
    return simulated === undefined ? { kind: 'folder', path: text } : { kind: 'simulated', ...simulated };
  } catch (error) {
    if (isNiiError(error)) throw new WrongUse(error.message);
    throw error;
  }
}

async function threatsOf(values: Values, normals: Normals): Promise<Threats> {
  const text = textOf(values, 'threats') ?? (normals.kind === 'simulated' ? 'sim' : 'library');
  if (text.toLowerCase() !== 'sim') {
    const path = text === 'library' ? ownLibraryPath() : text;
    return { kind: 'library', library: await readLibrary(path) };
  }
  if (normals.kind === 'simulated') return { kind: 'simulated' };
  throw new WrongUse('--threats sim cannot be used with scans from a folder: use library or a JSON file');
}

/* ---- Scoring, with its progress ------------------------------------------------------------------------------- */

async function scored(context: CliContext, evaluation: Evaluation) {
  const { terminal } = context;
  let toldAt = Date.now();
  let [from, count] = [Date.now(), 0];
  const onProgress = (done: number, total: number | undefined) => {
    count += 1;
    const now = Date.now();
    const left = total === undefined ? '' : leftOf((now - from) / count, total - done);
    const line = `${done}${total === undefined ? '' : ` of ${total}`} scans scored${left}`;
    if (terminal.watched) terminal.overwrite(line);
    else if (now - toldAt >= LINE_EVERY_MS) {
      toldAt = now;
      terminal.err(`${line}\n`);
    }
  };
  const onLeftOut = (what: string, why: string) => terminal.err(`skipped: ${what}: ${why}\n`);
  const tools = { ...(await context.tools()), signal: context.signal };
  const records = await evaluate({ tools, onProgress, onLeftOut }, evaluation);
  if (terminal.watched) terminal.overwrite('');
  if (count < records.length) terminal.err(`${records.length - count} scans were already scored\n`);
  return records;
}

function leftOf(msEach: number, scans: number): string {
  const minutes = Math.ceil((msEach * scans) / 60_000);
  return minutes < 2 ? '' : `, about ${minutes} minutes left`;
}

/* ---- In words ------------------------------------------------------------------------------------------------- */

function inWords({ normals, threats }: Evaluation) {
  if (normals.kind === 'folder')
    return { normals: 'scans in a folder', threats: threatWords(threats), set: 'own' as const };
  const words = `simulated, ${normals.set} seeds`;
  return { normals: words, threats: threatWords(threats), set: purposeOf(normals.set) };
}

function threatWords(threats: Threats): string {
  return threats.kind === 'simulated' ? 'the simulator’s own anomalies' : threats.library.title;
}

function assumptionsOf({ normals, threats }: Evaluation): string[] {
  if (threats.kind === 'simulated') {
    return [
      'Anomalies replace goods before the beam passes through them; their noise comes from the simulator.',
    ];
  }
  const common = [
    'Objects are added to the goods in the beam and displace nothing; attenuation is calculated for 9 MV and 6 MV spectra.',
  ];
  if (normals.kind === 'simulated')
    return [...common, 'Scatter, noise and point spread are taken from the simulated scanner.'];
  return [
    ...common,
    'Scatter is estimated for each scan as the smallest share of signal in its haze, at most 2 %.',
    'Noise is estimated from open beam; the point spread is taken as half a pixel.',
  ];
}

/** The figures that a terminal has room for, and where the others are. */
function summary(report: EvaluationReport, files: readonly string[]): string {
  const { levels } = report;
  const rows = [...aurocRows(report), ...queueRows(report), ...markRows(report), ...levelRows(report)];
  const cells = report.grid?.cells ?? [];
  if (cells.length > 0) {
    const plates = cells.reduce((sum, { objects }) => sum + objects, 0);
    rows.push([
      'plates by size and thickness',
      `${plates} plates, ${cells.length} combinations: see report.html`,
    ]);
  }
  const note = 'notEnoughData' in levels ? `Not enough data for rates: ${levels.notEnoughData}.\n` : '';
  return `${table(['figure', 'value (95 %)'], rows)}${note}${files.join('\n')}\n`;
}

type Row = readonly [what: string, figure: string];

function aurocRows({ auroc }: EvaluationReport): Row[] {
  const figure = (found: EvaluationReport['auroc']['image']) =>
    'notEnoughData' in found
      ? found.notEnoughData
      : withInterval(found.value, found.interval, (value) => value.toFixed(3));
  return [
    ['AUROC of scans', figure(auroc.image)],
    ...auroc.byClass.map(({ name, objects, auroc: found }): Row => [`  ${name} (${objects})`, figure(found)]),
    ['AUROC of pixels', figure(auroc.pixel)],
  ];
}

function queueRows({ queue }: EvaluationReport): Row[] {
  const figure =
    'notEnoughData' in queue
      ? queue.notEnoughData
      : `${withInterval(queue.share, queue.interval, percent)}; ${percent(queue.byChance)} by chance`;
  return [['positives in first 5 % of queue', figure]];
}

function markRows({ freeResponse }: EvaluationReport): Row[] {
  const one =
    'notEnoughData' in freeResponse ? undefined : freeResponse.at.find((at) => at.falseMarksPerScan === 1);
  const what = 'objects marked at 1 false mark per scan';
  if (one === undefined) return [[what, 'not enough data']];
  const { visible } = one;
  return [
    [what, withInterval(one.detected, one.interval, percent)],
    ...(visible === undefined
      ? []
      : [[`  of ${visible.objects} visible objects`, percent(visible.detected)] as const]),
  ];
}

function levelRows({ levels }: EvaluationReport): Row[] {
  if ('notEnoughData' in levels) return [['detection at fixed false alarms', 'not enough data']];
  return levels.map(({ falseAlarmsWanted, detected }): Row => {
    const figure = withInterval(detected.rate, detected.interval, percent);
    return [`detected at ${percent(falseAlarmsWanted)}`, figure];
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function withInterval(
  value: number,
  interval: readonly [number, number] | undefined,
  format: (value: number) => string,
): string {
  if (interval === undefined) return format(value);
  return `${format(value)} (${format(interval[0])} to ${format(interval[1])})`;
}
