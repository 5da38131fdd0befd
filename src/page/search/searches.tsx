import { api, bodyOf, type Search } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { PageLink } from '../shell/page-link.tsx';
import { ListPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';

const ask = async (): Promise<readonly Search[]> =>
  bodyOf(await api.GET('/v1/searches', { params: { query: { limit: 200 } } })).items;

const about = ['case'] as const;

/** Cases that wait for a search, oldest first. */
export function Searches() {
  const { value, problem } = useQuery(ask, about);
  return (
    <ListPage
      title={words('search.title')}
      items={value}
      problem={problem}
      none={words('search.none')}
      keyOf={({ caseId }) => caseId}
      row={(search) => <SearchLink search={search} />}
    />
  );
}

function SearchLink({ search }: { readonly search: Search }) {
  const { caseId, container, since, note, verdict } = search;
  const reasons = useReasons();
  return (
    <PageLink to={`/searches/${caseId}`}>
      <strong>{container ?? words('case.noContainer')}</strong>
      <span className="quiet">{words('search.since', { when: time(since) })}</span>
      {verdict !== undefined && (
        <span>
          {words(`verdict.${verdict.kind}`)}: {reasonInWords(reasons, verdict.reason)}
        </span>
      )}
      {note !== undefined && <span>{note}</span>}
    </PageLink>
  );
}
