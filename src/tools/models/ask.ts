import { randomUUID } from 'node:crypto';
import { NiiError } from '../../core/errors.ts';
import type { ModelDay } from '../../core/ports/records/models.ts';
import { problemOf } from '../client.ts';

/** One model, as the interface shows it. */
export interface ModelAnswer {
  readonly id: string;
  readonly versions: readonly { readonly version: string; readonly sha256: string; readonly state: string }[];
  readonly choice: number;
  readonly terms: Readonly<
    Partial<Record<'active' | 'before' | 'shadow', { readonly version: string; readonly sha256: string }>>
  >;
  readonly proposal?: {
    readonly by: string;
    readonly at: string;
    readonly terms: ModelAnswer['terms'];
  };
}

interface SideAnswer {
  readonly analysed: number;
  readonly alarmRate?: number;
  readonly scores: Readonly<Partial<Record<'p10' | 'p50' | 'p90' | 'p99', number>>>;
}

interface AlarmsAnswer {
  readonly scans: number;
  readonly active: number;
  readonly shadow: number;
}

/** A version in shadow beside what scored the same scans. */
export interface ComparisonAnswer {
  readonly scans: number;
  readonly active: SideAnswer;
  readonly shadow: SideAnswer;
  readonly both: {
    readonly scans: number;
    readonly bothAlarm: number;
    readonly activeOnly: number;
    readonly shadowOnly: number;
    readonly neither: number;
    readonly agreement?: number;
  };
  readonly verdicts: readonly (AlarmsAnswer & { readonly verdict: string })[];
  readonly outcomes: readonly (AlarmsAnswer & { readonly outcome: string })[];
  readonly disagreements: readonly SeenByBothAnswer[];
  readonly furthestApart: readonly SeenByBothAnswer[];
}

/** One scan as both versions saw it. */
export interface SeenByBothAnswer {
  readonly scanId: string;
  readonly revision: number;
  readonly alarm: 'both' | 'active' | 'shadow' | 'neither';
  readonly activeScore: number;
  readonly shadowScore: number;
  readonly activePercentile: number;
  readonly shadowPercentile: number;
  readonly verdict?: string;
  readonly outcome?: string;
}

/** One scanner, one day, one model, with the share of alarms that is expected. */
export interface DayAnswer extends ModelDay {
  readonly targetRate?: number;
}

interface ShareAnswer {
  readonly count: number;
  readonly of: number;
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
}

interface ByFindingAnswer<Said> {
  readonly verdicts: readonly ({ readonly verdict: string } & Said)[];
  readonly outcomes: readonly ({ readonly outcome: string } & Said)[];
}

/** One algorithm of a vendor, beside our models and what people found. */
export interface VendorAnswer extends ByFindingAnswer<{ readonly alarms: ShareAnswer }> {
  readonly algorithm: string;
  readonly scans: number;
  readonly undecided: number;
  readonly alarms: ShareAnswer;
  readonly models: readonly ({
    readonly model: string;
    readonly bothAlarm: number;
    readonly vendorOnly: number;
    readonly modelOnly: number;
    readonly neither: number;
    readonly agreement: ShareAnswer;
  } & ByFindingAnswer<{ readonly vendor: ShareAnswer; readonly model: ShareAnswer }>)[];
}

/** The routes of models of a running service, with one person's key. */
export interface ModelAsk {
  model(id: string): Promise<ModelAnswer>;
  comparison(id: string, version: string): Promise<ComparisonAnswer>;
  days(days: number): Promise<readonly DayAnswer[]>;
  vendors(days: number): Promise<readonly VendorAnswer[]>;
  /**
   * An act on what was read just before: somebody else's act between them is a conflict.
   * @param mayAct - throws where what was read does not allow it
   */
  act(
    id: string,
    what: 'activation' | 'confirmation' | 'rollback' | 'shadow',
    body: object,
    mayAct?: (read: ModelAnswer) => void,
  ): Promise<ModelAnswer>;
}

/**
 * Every call throws what the service rejects it with, and NII_NOT_FOUND where no service answers.
 * @param url - of the service, with a slash at its end
 */
export function askModels(url: URL, token: string, signal: AbortSignal): ModelAsk {
  const send = (path: string, init: RequestInit = {}) =>
    request(url, path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers }, signal });
  const pathOf = (id: string) => `v1/models/${encodeURIComponent(id)}`;
  // Answers of this very service: their schemas are tested where they are made.
  const model = async (answer: Response) => (await answer.json()) as ModelAnswer;
  return {
    comparison: async (id, version) =>
      (await send(`${pathOf(id)}/shadow/${encodeURIComponent(version)}`)).json() as Promise<ComparisonAnswer>,
    days: async (days) =>
      ((await (await send(`v1/model-days?days=${days}`)).json()) as { items: readonly DayAnswer[] }).items,
    vendors: async (days) =>
      ((await (await send(`v1/vendor-algorithms?days=${days}`)).json()) as { items: readonly VendorAnswer[] })
        .items,
    model: async (id) => model(await send(pathOf(id))),
    act: async (id, what, body, mayAct) => {
      const read = await send(pathOf(id));
      const before = await model(read);
      mayAct?.(before);
      return model(
        await send(`${pathOf(id)}/${what}`, {
          method: what === 'shadow' ? 'PUT' : 'POST',
          headers: {
            'content-type': 'application/json',
            'if-match': read.headers.get('etag') ?? '',
            'idempotency-key': randomUUID(),
          },
          body: JSON.stringify(body),
        }),
      );
    },
  };
}

/** @throws what the service rejects the request with, and NII_NOT_FOUND where no service answers */
async function request(url: URL, path: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(new URL(path, url), init).catch((cause: unknown) => {
    init.signal?.throwIfAborted();
    const detail = `No service responds at ${url.href}: check --url or NII_URL, and whether the service is running`;
    throw new NiiError('NII_NOT_FOUND', { detail, cause });
  });
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}
