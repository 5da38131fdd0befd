import type { VendorAnswer } from '../../../tools/models/ask.ts';
import { table } from '../../text.ts';

type Share = VendorAnswer['alarms'];

/** Algorithms of vendors, each beside our models and what people found, as tables. */
export function vendorsText(found: readonly VendorAnswer[]): string {
  if (found.length === 0) return 'no scan in this period has a report from a vendor algorithm\n';
  return found.map(vendorText).join('\n');
}

function vendorText(one: VendorAnswer): string {
  const { algorithm, scans, undecided, alarms, models } = one;
  const people = findingRows(one, 'all', ({ alarms: of }) => [of, undefined]);
  const beside = models.flatMap((model) =>
    findingRows(model, model.model, ({ vendor, model: ours }) => [vendor, ours]),
  );
  return [
    `${algorithm}: ${scans} scans, ${undecided} of them without a decision; alarms on ${shareText(alarms)}\n`,
    ...(models.length === 0
      ? []
      : [
          table(
            ['alarm by', 'both', 'vendor only', 'model only', 'neither', 'they agree on'],
            models.map(({ model, bothAlarm, vendorOnly, modelOnly, neither, agreement }) => [
              model,
              ...[bothAlarm, vendorOnly, modelOnly, neither].map(String),
              shareText(agreement),
            ]),
          ),
        ]),
    people.length + beside.length === 0
      ? 'no verdict or outcome yet\n'
      : table(['found by people', 'scans seen by', 'vendor alarms', 'model alarms'], [...people, ...beside]),
  ].join('');
}

interface ByFinding<Said> {
  readonly verdicts: readonly ({ readonly verdict: string } & Said)[];
  readonly outcomes: readonly ({ readonly outcome: string } & Said)[];
}

/** Of what people found of any scan. */
function findingRows<Said>(
  { verdicts, outcomes }: ByFinding<Said>,
  seenBy: string,
  alarmsOf: (said: Said) => readonly [vendor: Share, model: Share | undefined],
): readonly string[][] {
  const rows = [
    ...verdicts.map((one) => [`verdict ${one.verdict}`, alarmsOf(one)] as const),
    ...outcomes.map((one) => [`outcome ${one.outcome}`, alarmsOf(one)] as const),
  ];
  return rows
    .filter(([, [vendor]]) => vendor.of > 0)
    .map(([name, [vendor, model]]) => [
      name,
      seenBy,
      shareText(vendor),
      model === undefined ? '-' : shareText(model),
    ]);
}

/** As "3 of 10, 30.0 % (10.8 to 60.3)". */
function shareText({ count, of, value, low, high }: Share): string {
  if (value === undefined || low === undefined || high === undefined) return `${count} of ${of}`;
  return `${count} of ${of}, ${percent(value)} % (${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
