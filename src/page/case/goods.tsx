import { useCallback, useState } from 'react';
import { type Difference, differencesOf } from '../../core/case/differences.ts';
import { api, bodyOf, type Case, type Declaration, type Emptiness, type ScanRecord } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { FactRow } from '../shell/fact-row.tsx';
import { number, type WordKey, words } from '../words/words.ts';

/** What is declared of the goods, where it differs from what the scan says, and what portals said of the vehicle. */

const kilograms = (mass: number | undefined) => (mass === undefined ? undefined : `${number(mass)} kg`);

/** Longer lists are shortened, and shown in full on request. */
const ITEMS_SHOWN = 8;

export function DeclaredGoods({ declarations }: { readonly declarations: readonly Declaration[] }) {
  return declarations.map(({ ref, body }) => (
    <div key={ref}>
      <dl>
        <FactRow name={words('case.declaration')} value={body.mrn ?? ref} />
        <FactRow name={words('case.goods')} value={body.description} />
        <FactRow name={words('case.hs')} value={body.hsCodes?.join(', ')} />
        <FactRow name={words('case.weight')} value={kilograms(body.grossMassKg)} />
        <FactRow
          name={words('case.packages')}
          value={body.packages === undefined ? undefined : number(body.packages)}
        />
        <FactRow name={words('case.origin')} value={body.origin} />
        <FactRow name={words('case.seals')} value={body.seals?.join(', ')} />
        {body.declaredEmpty === true && <FactRow name={words('case.declaredEmpty')} value="✓" />}
        {(body.consignment?.parties ?? []).map((party) => (
          <FactRow
            key={`${party.role} ${party.name ?? party.id}`}
            name={words(`party.${party.role}`)}
            value={[party.name, party.id, party.country, party.aeo && (party.aeo.type ?? 'AEO')]
              .filter(Boolean)
              .join(' · ')}
          />
        ))}
        <FactRow name={words('case.route')} value={routeOf(body)} />
      </dl>
      <Items items={body.consignment?.items ?? []} />
    </div>
  ));
}

function routeOf({ consignment }: Declaration['body']): string {
  return (consignment?.route ?? [])
    .map(({ locode, country }) => locode ?? country)
    .filter((place) => place !== undefined)
    .join(' → ');
}

type Item = NonNullable<NonNullable<Declaration['body']['consignment']>['items']>[number];

function Items({ items }: { readonly items: readonly Item[] }) {
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return null;
  return (
    <>
      <ol className="items">
        {items.slice(0, isWhole ? undefined : ITEMS_SHOWN).map((item, i) => (
          // lines of a declaration have no name of their own, and never change places
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={i}>
            {[
              item.hs && `HS ${item.hs}`,
              item.description,
              kilograms(item.grossMassKg),
              item.unNumber && `UN ${item.unNumber}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </li>
        ))}
      </ol>
      {!isWhole && items.length > ITEMS_SHOWN && (
        <button type="button" className="button" onClick={() => setWhole(true)}>
          {words('case.allItems', { count: items.length })}
        </button>
      )}
    </>
  );
}

interface DifferencesProps {
  readonly record: ScanRecord | undefined;
  readonly declarations: readonly Declaration[];
  readonly emptiness: Emptiness | undefined;
}

export function Differences({ record, declarations, emptiness }: DifferencesProps) {
  const found = differencesOf(
    record?.units ?? [],
    declarations.map(({ body }) => body),
    emptiness,
  );
  if (found.length === 0) return null;
  return (
    <>
      <h2>{words('case.differences')}</h2>
      <ul className="differences">
        {found.map((difference) => {
          const text = inWords(difference);
          return <li key={text}>{text}</li>;
        })}
      </ul>
    </>
  );
}

function inWords({ code, ...values }: Difference): string {
  const shown = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'number' ? number(value) : value,
  ]);
  return words(`difference.${code}`, Object.fromEntries(shown));
}

const about = ['radiation', 'hold', 'scan'] as const;

/** Alarms of portals that are, or may be, of this vehicle. */
export function RadiationNear({ scanId }: Pick<Case, 'scanId'>) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/scans/{scanId}', { params: { path: { scanId } } })).radiation,
    [scanId],
  );
  const { value = [] } = useQuery(ask, about);
  const alarms = value.filter((one) => one.alarms.length > 0);
  if (alarms.length === 0) return null;
  return (
    <>
      <h2>{words('case.radiation')}</h2>
      <ul className="differences">
        {alarms.map(({ scanId: record, recordId, alarms: categories, hold }) => (
          <li key={`${record} ${recordId}`}>
            {categories.map((category) => words(`radiation.alarm.${category}`)).join(', ')}
            {hold !== undefined && ` · ${words(`radiation.state.${hold.state}` as WordKey)}`}
          </li>
        ))}
      </ul>
    </>
  );
}
