import { useSyncExternalStore } from 'react';
import { defined } from '../../core/defined.ts';
import type { Measure } from '../../core/measures/figures.ts';
import { api, bodyOf, Rejected } from '../api/client.ts';

/** What the page of measures shows is in its address, so that it can be sent to a colleague. */

export interface MeasuresView {
  readonly days: number;
  readonly by: 'hour' | 'day' | 'week';
  readonly site: string;
  readonly scanner: string;
  /** Address of the scans that are shown. */
  readonly scans: string;
}

export const periods = [1, 7, 30, 90, 365] as const;
export const parts = ['hour', 'day', 'week'] as const;

const changed = 'nii-measures';

function listen(onChange: () => void): () => void {
  for (const event of ['popstate', changed]) window.addEventListener(event, onChange);
  return () => {
    for (const event of ['popstate', changed]) window.removeEventListener(event, onChange);
  };
}

function shownIn(search: string): MeasuresView {
  const query = new URLSearchParams(search);
  const days = Number(query.get('days'));
  const by = parts.find((one) => one === query.get('by')) ?? 'day';
  return {
    days: periods.find((one) => one === days) ?? 30,
    by,
    site: query.get('site') ?? '',
    scanner: query.get('scanner') ?? '',
    scans: query.get('scans') ?? '',
  };
}

export function useMeasuresView(): readonly [MeasuresView, (next: Partial<MeasuresView>) => void] {
  const search = useSyncExternalStore(listen, () => window.location.search);
  const shown = shownIn(search);
  const show = (next: Partial<MeasuresView>) => {
    const entries = Object.entries({ ...shown, ...next }).filter(([, value]) => value !== '');
    const query = new URLSearchParams(entries.map(([name, value]) => [name, String(value)]));
    window.history.pushState(null, '', `/measures?${query}`);
    window.dispatchEvent(new Event(changed));
  };
  return [shown, show];
}

/** Hours of more days than this are more than the service counts at once. */
const MOST_DAYS_BY_HOUR = 30;
const HOUR_MS = 3_600_000;

/** What the service is asked: until the next full hour, so that two panels ask the same. */
export function queryOf({ days, by, site, scanner }: MeasuresView, now: Date) {
  const to = new Date(Math.ceil(now.getTime() / HOUR_MS) * HOUR_MS);
  return {
    from: new Date(to.getTime() - days * 24 * HOUR_MS).toISOString(),
    to: to.toISOString(),
    by: by === 'hour' && days > MOST_DAYS_BY_HOUR ? ('day' as const) : by,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...defined({ site: site === '' ? undefined : site, scanner: scanner === '' ? undefined : scanner }),
  };
}

export type MeasureQuery = ReturnType<typeof queryOf>;

export async function askMeasure(measure: Measure, query: MeasureQuery) {
  const body = bodyOf(await api.GET('/v1/measures/{measure}', { params: { path: { measure }, query } }));
  if (typeof body === 'string') throw new Rejected(0, 'EMPTY', 'The answer is CSV, and JSON was asked for');
  return body;
}

export type Row = Awaited<ReturnType<typeof askMeasure>>['rows'][number];

export function csvAddress(measure: Measure, query: MeasureQuery): string {
  return `/v1/measures/${measure}?${new URLSearchParams({ ...query, format: 'csv' })}`;
}

/** The scans of a figure, by the address that its row names. */
export async function askScans(address: string) {
  const url = new URL(address, window.location.origin);
  const [, , , measure = ''] = url.pathname.split('/');
  const { figure = '', ...query } = Object.fromEntries(url.searchParams);
  const asked = { ...query, figure, limit: 50 };
  return bodyOf(
    await api.GET('/v1/measures/{measure}/scans', {
      // the service checks what it named itself
      params: { path: { measure: measure as Measure }, query: asked as typeof asked & Record<string, never> },
    }),
  );
}
