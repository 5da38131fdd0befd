import { sql } from 'kysely';
import { ANY_SITE } from '../../../../core/access.ts';
import { defined } from '../../../../core/defined.ts';
import type { ModelDays } from '../../../../core/ports/records/models.ts';
import type { SqlTx } from '../../database.ts';
import { instant } from '../cursor.ts';
import { readableJson } from '../readable-json.ts';

interface DayRow {
  readonly site: string;
  readonly scanner: string;
  readonly day: string;
  readonly model: string | null;
  readonly scans: number;
  readonly open_beam: number | null;
  readonly dark: number;
  readonly dark_most: number;
  readonly analysed: number;
  readonly alarms: number;
  readonly scores: [number, number, number, number] | null;
}

/** Counted from what is stored of each scan: its record, and its analysis. */
export function modelDayRecords(tx: SqlTx): ModelDays {
  return {
    async modelDays({ administration, site }, from, most) {
      const { rows } = await sql<DayRow>`
        with newest as (
          select site, scanner, received, scan_id, revision from observations
          where administration = ${administration} and (${site} = ${ANY_SITE} or site = ${site}) and received >= ${instant(from)}::timestamptz
          order by received desc limit ${most}
        ), one as (
          select newest.site, newest.scanner, to_char(newest.received at time zone 'UTC', 'YYYY-MM-DD') as day,
            said.model_id || '@' || said.model_version as model,
            (channel->>'openBeam')::float8 as open_beam,
            coalesce((select sum((line->>'to')::int - (line->>'from')::int) from (
              select json_array_elements(channel->'notMeasured'->'rows') as line
              union all select json_array_elements(channel->'notMeasured'->'columns')) as lines), 0)::int as dark,
            scans.purpose = 'operational' as is_operational,
            said.body->>'status' = 'analysed' as is_analysed,
            said.body->>'alarm' = 'true' as is_alarm,
            (select max((unit->>'score')::float8) from json_array_elements(said.body->'units') as unit) as score
          from newest
          join revisions using (scan_id, revision)
          left join lateral (select model_id, model_version, ${readableJson(sql.ref('body'))} as body from analyses
            where scan_id = newest.scan_id and revision = newest.revision) as said on true
          join scans on scans.id = scan_id
          cross join lateral (select ${readableJson(sql.ref('revisions.scan'))} as record) as read
          cross join lateral (select record->'views'->0->'channels'->0 as channel) as first_channel
        )
        select site, scanner, day, model, count(*)::int as scans,
          percentile_cont(0.5) within group (order by open_beam) as open_beam,
          percentile_disc(0.5) within group (order by dark) as dark, max(dark) as dark_most,
          (count(*) filter (where is_analysed and is_operational))::int as analysed,
          (count(*) filter (where is_alarm and is_operational))::int as alarms,
          percentile_disc(array[0.1, 0.5, 0.9, 0.99]) within group (order by score) filter (where is_operational) as scores
        from one group by site, scanner, day, model order by site, scanner, day, model`.execute(tx);
      return rows.map(({ open_beam, dark, dark_most, model, scores, ...row }) => ({
        ...row,
        darkLines: dark,
        darkLinesMost: dark_most,
        ...defined({
          model: model ?? undefined,
          openBeam: open_beam ?? undefined,
          scores: scores?.every((score) => score !== null) === true ? scores : undefined,
        }),
      }));
    },
  };
}
