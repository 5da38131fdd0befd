import Type from 'typebox';
import { type Actor, placeOf } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { ModelDay } from '../../core/ports/records/models.ts';
import type { Tx } from '../../core/ports/records.ts';
import { closed } from '../../http/schemas/requests.ts';
import { type Viewing, viewed } from '../../queries/read.ts';

/** How far back figures of models and of vendors' algorithms look. */
export const DaysQuery = Type.Object(
  { days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, description: 'Default: 14' })) },
  closed,
);
export const DEFAULT_DAYS = 14;

const DAY_MS = 86_400_000;
/** The newest scans that are looked at. */
const MOST_SCANS = 20_000;

/** What a package says of itself, as far as its rate of alarms is expected from it. */
interface Expecting {
  readonly pkg: {
    readonly manifest: {
      readonly id: string;
      readonly version: string;
      readonly thresholds: { readonly score: number };
      readonly reference: { readonly scores: readonly number[] };
    };
  };
}

export interface WatchedDay extends ModelDay {
  /** Share of the reference scans of the package that would be an alarm; absent where it is not installed here. */
  readonly targetRate?: number;
}

export interface WatchModelsDeps extends Viewing<Tx<'modelDays'>> {
  readonly clock: Clock;
  readonly models: { readonly installed: readonly Expecting[] };
}

/**
 * How models and scanners do, by scanner, day and model, at the sites of the key.
 * @param days - how many, 1 to 90
 */
export async function watchModels(
  { clock, models, ...deps }: WatchModelsDeps,
  actor: Actor,
  days: number,
): Promise<readonly WatchedDay[]> {
  const from = new Date(clock.now().getTime() - days * DAY_MS).toISOString();
  const rows = await viewed(deps, actor, 'model days', '', { days }, (tx) =>
    tx.modelDays(placeOf(actor), from, MOST_SCANS),
  );
  return rows.map((row) => ({ ...row, ...defined({ targetRate: targetOf(models.installed, row.model) }) }));
}

function targetOf(installed: readonly Expecting[], model: string | undefined): number | undefined {
  const found = installed.find(({ pkg: { manifest } }) => `${manifest.id}@${manifest.version}` === model);
  if (found === undefined) return undefined;
  const { thresholds, reference } = found.pkg.manifest;
  return reference.scores.filter((score) => score >= thresholds.score).length / reference.scores.length;
}
