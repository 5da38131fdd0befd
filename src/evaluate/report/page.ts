import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { escaped, histogram, plotStyle, rowBar, stepCurve } from './plots.ts';
import type { EvaluationReport } from './schema.ts';

/** Writes report.json and report.html into a folder that is there; a file that has its name is whole. */
export async function writeReport(folder: string, report: EvaluationReport): Promise<readonly string[]> {
  const files = [
    { name: 'report.json', text: `${JSON.stringify(report, null, 2)}\n` },
    { name: 'report.html', text: reportPage(report) },
  ];
  for (const { name, text } of files) {
    const path = join(folder, name);
    await writeFile(`${path}.partial`, text);
    await rename(`${path}.partial`, path);
  }
  return files.map(({ name }) => join(folder, name));
}

const style = `
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #16202c; background: #f4f6f9 }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .4rem 0; max-width: 48rem } .quiet { color: #52606f }
.note { background: #fff4d6; border-left: 4px solid #c98a00; padding: .6rem .9rem; margin: 1rem 0 }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1rem 0 }
.tile { background: #fff; border: 1px solid #d8dee6; border-radius: 6px; padding: .7rem .9rem }
.tile b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums } .tile span { color: #52606f }
table { border-collapse: collapse; background: #fff; border: 1px solid #d8dee6; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid #e8ecf1; white-space: nowrap }
th { font-weight: 600; background: #eef2f7; white-space: normal; vertical-align: bottom } th:first-child, td:first-child { text-align: left }
.scroll { overflow-x: auto }
svg.plot { width: 100%; max-width: 44rem; background: #fff; border: 1px solid #d8dee6; border-radius: 6px }
${plotStyle}
svg.row { vertical-align: middle } table.heat .quiet { color: #16202c }
@media print { body { background: #fff } }
`;

/** The report as one page that needs nothing beside it: no script, no font, no picture. */
export function reportPage(report: EvaluationReport): string {
  const { model, data } = report;
  const title = `Evaluation of ${model.id} ${model.version}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${style}</style></head><body>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(model.title)} · SHA-256 ${escaped(model.sha256.slice(0, 16))}… · nii-hub ${escaped(report.product)}</p>
<p>${data.ordinary.threshold + data.ordinary.test} ordinary scans (${escaped(data.normals)}) and ${data.objects} scans with an object (${escaped(data.threats)}).</p>
<p class="note">For data scientists and supervisors. It says what the model does not find, so it stays inside the administration and never travels in a package.</p>
${[
  tiles(report),
  levels(report),
  classes(report),
  marks(report),
  sizes(report),
  grid(report),
  cargoes(report),
  reference(report),
  words(report),
].join('\n')}
</body></html>
`;
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

function between(interval: readonly [number, number] | undefined, format: (value: number) => string): string {
  return interval === undefined ? 'no interval' : `${format(interval[0])} to ${format(interval[1])}`;
}

const three = (value: number) => value.toFixed(3);

function tile(value: string, what: string, interval: string): string {
  return `<div class="tile"><b>${escaped(value)}</b>${escaped(what)}<br><span>${escaped(interval)}</span></div>`;
}

function tiles({ auroc, queue, freeResponse, time }: EvaluationReport): string {
  const { image, pixel } = auroc;
  const one =
    'notEnoughData' in freeResponse ? undefined : freeResponse.at.find((at) => at.falseMarksPerScan === 1);
  const parts = [
    'notEnoughData' in image
      ? tile('–', 'AUROC of scans', image.notEnoughData)
      : tile(three(image.value), 'AUROC of scans', between(image.interval, three)),
    'notEnoughData' in pixel
      ? tile('–', 'AUROC of pixels', pixel.notEnoughData)
      : tile(three(pixel.value), 'AUROC of pixels', between(pixel.interval, three)),
    'notEnoughData' in queue
      ? tile('–', 'of positives early in the queue', queue.notEnoughData)
      : tile(
          percent(queue.share),
          `of positives in the first ${percent(queue.first, 0)} of the queue (${percent(queue.prevalence)} are positive; by chance ${percent(queue.byChance, 0)})`,
          between(queue.interval, percent),
        ),
    one === undefined
      ? tile('–', 'of objects marked', 'not enough data')
      : tile(
          percent(one.detected),
          'of objects marked at 1 false mark per scan',
          between(one.interval, percent),
        ),
    tile(
      `${time.wholeMs.toFixed(0)} ms`,
      'a scan (median)',
      `model ${time.modelMs.toFixed(0)} ms${time.cpuMs === undefined ? '' : `, CPU ${time.cpuMs.toFixed(0)} ms`}`,
    ),
  ];
  return `<div class="tiles">${parts.join('')}</div>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p class="quiet">not enough data</p>';
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('');
  return `<div class="scroll"><table><thead><tr>${cells(head.map(escaped), 'th')}</tr></thead><tbody>${body}</tbody></table></div>`;
}

type Rate = { readonly rate: number; readonly interval: readonly [number, number] };

function rateCell(rate: Rate | undefined): string {
  return rate === undefined
    ? '–'
    : `${percent(rate.rate)} (${between(rate.interval, (share) => percent(share))})`;
}

function levels({ levels: found }: EvaluationReport): string {
  const head = '<h2>Detection at fixed rates of false alarms</h2>';
  if ('notEnoughData' in found)
    return `${head}<p class="note">Not enough data: ${escaped(found.notEnoughData)}.</p>`;
  const names = found[0]?.byClass.map(({ name }) => name) ?? [];
  const rows = [
    ['threshold', ...found.map(({ threshold }) => three(threshold))],
    ['false alarms measured', ...found.map(({ falseAlarms }) => rateCell(falseAlarms))],
    ['all objects detected', ...found.map(({ detected }) => rateCell(detected))],
    ...names.map((name) => [
      escaped(name),
      ...found.map(({ byClass }) => rateCell(byClass.find((one) => one.name === name)?.detected)),
    ]),
  ];
  const last = found.at(-1);
  const missed = (last?.missed ?? []).map((one) => [
    escaped(one.class),
    ...[one.missed, one.hiddenByNoise, one.hiddenByLoad, one.visible].map(String),
  ]);
  return `${head}${table(['', ...found.map((one) => `${percent(one.falseAlarmsWanted)} wanted`)], rows)}
<p class="quiet">Thresholds come from scans that are used for nothing else. Intervals are Wilson’s, 95 %.</p>
<h2>What hid the missed objects (at ${percent(last?.falseAlarmsWanted ?? 0)})</h2>
${table(['class', 'missed', 'hidden by noise', 'hidden by the load', 'could be seen: the model’s own'], missed)}`;
}

function classes({ auroc, bound }: EvaluationReport): string {
  const rows = auroc.byClass.map(({ name, objects, auroc: found }) => {
    const own = bound.find((one) => one.class === name);
    return [
      escaped(name),
      String(objects),
      `${rowBar(found.value, found.interval)} ${three(found.value)} (${between(found.interval, three)})`,
      own?.aurocKnowingMask === undefined ? '–' : three(own.aurocKnowingMask),
      own === undefined ? '–' : three(own.aurocKnowingBackground),
      own === undefined ? '–' : String(own.hiddenByLoad),
      own === undefined ? '–' : String(own.hiddenByNoise),
    ];
  });
  const head = [
    'class',
    'objects',
    'AUROC of the model',
    'bound: mask known',
    'bound: mask and background known',
    'hidden by the load',
    'hidden by noise',
  ];
  return `<h2>By class, with what could be reached</h2>${table(head, rows)}
<p class="quiet">The bounds are observers who know where the object is. One knows of the load only how uneven it is; the other knows the load exactly, and only counting noise hides the object. A model that is far below both misses what could be seen.</p>`;
}

function marks({ freeResponse }: EvaluationReport): string {
  const head = '<h2>Marks: objects found against false marks</h2>';
  if ('notEnoughData' in freeResponse)
    return `${head}<p class="note">Not enough data: ${escaped(freeResponse.notEnoughData)}.</p>`;
  const points = freeResponse.curve.map(({ falseMarksPerScan, detected }) => ({
    x: falseMarksPerScan,
    y: detected,
  }));
  const marked = freeResponse.at.map(({ falseMarksPerScan, detected, interval }) => ({
    x: falseMarksPerScan,
    y: detected,
    ...defined({ low: interval?.[0], high: interval?.[1] }),
  }));
  const plot = stepCurve(points, {
    label: 'Share of objects with a mark on them, over false marks in an ordinary scan',
    xLabel: 'false marks in an ordinary scan',
    yLabel: 'objects found',
    xTo: 4,
    xTicks: [0, 0.5, 1, 2, 3, 4],
    marked,
  });
  const rows = freeResponse.at.map(({ falseMarksPerScan, detected, interval, visible }) => [
    String(falseMarksPerScan),
    percent(detected),
    between(interval, percent),
    visible === undefined ? '–' : `${percent(visible.detected)} of ${visible.objects}`,
  ]);
  const heads = [
    'false marks per scan, at most',
    'objects found',
    '95 % interval, by scan',
    'of those that can be seen',
  ];
  return `${head}${plot}${table(heads, rows)}`;
}

function span([from, to]: readonly [number, number | null]): string {
  return to === null ? `${from} and more` : `${from} to ${to}`;
}

function sizes({ detectability }: EvaluationReport): string {
  const rising = detectability.toSorted((a, b) => a.steelMm[0] - b.steelMm[0]);
  const columns = [...new Set(rising.map(({ steelMm }) => span(steelMm)))];
  const rows = [...new Set(detectability.map(({ sizeMm }) => span(sizeMm)))];
  const body = rows.map((row) => [
    escaped(row),
    ...columns.map((column) => {
      const cell = detectability.find((one) => span(one.sizeMm) === row && span(one.steelMm) === column);
      return cell === undefined ? '–' : `${rowBar(cell.auroc)} ${three(cell.auroc)} (${cell.objects})`;
    }),
  ]);
  return `<h2>By size and contrast</h2>${table(['size, mm', ...columns.map((one) => `contrast as of steel of ${one} mm`)], body)}
<p class="quiet">AUROC, and how many objects. The size is the side of a square of the same area.</p>`;
}

/** A heat map for each material: the darker, the more plates were found. */
function grid({ grid: found }: EvaluationReport): string {
  if (found === undefined) return '';
  const { cells, falseAlarmsWanted, threshold } = found;
  const isRate = threshold !== undefined;
  const maps = [...new Set(cells.map(({ material }) => material))].map((material) => {
    const own = cells.filter((cell) => cell.material === material);
    const thick = [...new Set(own.map(({ thicknessMm }) => thicknessMm))];
    const rows = [...new Set(own.map(({ sizeMm }) => sizeMm))].map((size) => {
      const row = thick.map((one) => own.find((cell) => cell.sizeMm === size && cell.thicknessMm === one));
      return `<tr><th scope="row">${size} mm</th>${row.map((cell) => heatCell(cell, isRate)).join('')}</tr>`;
    });
    const head = thick.map((one) => `<th scope="col">${one} mm thick</th>`).join('');
    return `<h3>${escaped(material)}</h3><div class="scroll"><table class="heat"><thead><tr><th scope="col">side</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
  });
  const what = isRate
    ? `Share of the plates above the threshold of ${percent(falseAlarmsWanted, 0)} false alarms, with Wilson’s 95 % interval and the number of plates.`
    : 'AUROC against the ordinary scans, and the number of plates. There are too few ordinary scans to fix a threshold, so there is no rate.';
  return `<h2>Plates by size and thickness</h2>${maps.join('')}
<p class="quiet">${what} Below it the bound: what an observer detects at ${percent(falseAlarmsWanted, 0)} who knows the mask, and of the load only how uneven it is. All plates are put into the same scans.</p>`;
}

type GridCell = NonNullable<EvaluationReport['grid']>['cells'][number];

function heatCell(cell: GridCell | undefined, isRate: boolean): string {
  if (cell === undefined) return '<td>–</td>';
  const { detected, auroc, objects, boundKnowingMask } = cell;
  const value = isRate ? detected?.rate : auroc;
  const said = isRate ? rateCell(detected) : auroc === undefined ? '–' : three(auroc);
  const bound = boundKnowingMask === undefined ? '–' : percent(boundKnowingMask);
  // chance is white: 0 of a rate, 0.5 of an AUROC
  const share = isRate ? (value ?? 0) : Math.max(0, 2 * (value ?? 0.5) - 1);
  return `<td style="background:${heatColour(share)}">${said} of ${objects}<br><span class="quiet">bound ${bound}</span></td>`;
}

/** From white to a blue on which black text is read well. @param share 0 to 1 */
function heatColour(share: number): string {
  const mix = (to: number) => Math.round(255 + (to - 255) * share);
  return `rgb(${mix(126)} ${mix(176)} ${mix(242)})`;
}

function cargoes({ auroc, levels: found }: EvaluationReport): string {
  const five = 'notEnoughData' in found ? undefined : found.at(-1);
  const rows = auroc.byCargo.map(({ name, ordinary, objects, auroc: own }) => {
    const level = five?.byCargo.find((one) => one.name === name);
    return [
      escaped(name),
      String(ordinary),
      String(objects),
      `${rowBar(own.value, own.interval)} ${three(own.value)} (${between(own.interval, three)})`,
      ...(five === undefined ? [] : [rateCell(level?.detected), rateCell(level?.falseAlarms)]),
    ];
  });
  const more = five === undefined ? [] : ['detected at 5 %', 'false alarms at 5 %'];
  return `<h2>By goods</h2>${table(['goods', 'ordinary scans', 'with object', 'AUROC against the same goods', ...more], rows)}`;
}

function reference({ percentiles }: EvaluationReport): string {
  const head = '<h2>Percentiles of ordinary scans</h2>';
  if ('notEnoughData' in percentiles)
    return `${head}<p class="note">${escaped(percentiles.notEnoughData)}</p>`;
  const { count, statistic, p, tenths } = percentiles;
  const said =
    p > 0.01
      ? 'The percentiles may be uniform, as they should be.'
      : 'The percentiles are not uniform: the reference in the package does not fit these scans.';
  return `${head}${histogram(tenths, 'Number of ordinary units by percentile', 'anomaly percentile')}
<p>${count} units; Kolmogorov-Smirnov distance ${three(statistic)}, p = ${p < 0.0001 ? p.toExponential(1) : p.toFixed(4)}. ${said}</p>`;
}

function words({ data, time }: EvaluationReport): string {
  const left = data.notAnalysed.map(
    ({ reason, scans }) => `<li>${scans} not analysed: ${escaped(reason)}</li>`,
  );
  const assumed = data.assumptions.map((one) => `<li>${escaped(one)}</li>`);
  const set = {
    development: 'A development set: it may be used for decisions about a model.',
    sealed: 'The sealed set: it is used once, when the model no longer changes.',
    own: 'Scans from an administration: it is unknown whether the model was trained on some of them.',
  }[data.set];
  return `<h2>Basis of these figures</h2><ul><li>${set}</li>${[...left, ...assumed].join('')}<li>${time.scans} scans in all. A unit of inspection has the score that the service would give it.</li></ul>`;
}
