import { api, bodyOf, type Search } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { time, words } from '../words/words.ts';

const ask = async (): Promise<readonly Search[]> =>
  bodyOf(await api.GET('/v1/searches', { params: { query: { limit: 200 } } })).items;

const about = ['case'] as const;

/** What waits to be searched, oldest first. */
export function Searches() {
  const { value, problem } = useQuery(ask, about);
  return (
    <main className="list">
      <h1>{words('search.title')}</h1>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      {value === undefined && problem === undefined && <p className="quiet">{words('app.loading')}</p>}
      {value?.length === 0 && <p className="quiet">{words('search.none')}</p>}
      <ul className="rows">
        {value?.map((search) => (
          <li key={search.caseId}>
            <Row search={search} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function Row({ search }: { readonly search: Search }) {
  const { caseId, container, since, note, verdict } = search;
  const address = `/searches/${caseId}`;
  const reasons = useReasons();
  return (
    <a
      href={address}
      onClick={(event) => {
        event.preventDefault();
        goTo(address);
      }}
    >
      <strong>{container ?? words('case.noContainer')}</strong>
      <span className="quiet">{words('search.since', { when: time(since) })}</span>
      {verdict !== undefined && (
        <span>
          {words(`verdict.${verdict.kind}`)}: {reasonInWords(reasons, verdict.reason)}
        </span>
      )}
      {note !== undefined && <span>{note}</span>}
    </a>
  );
}
