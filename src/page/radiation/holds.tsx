import { api, bodyOf, type Hold } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { PageLink } from '../shell/page-link.tsx';
import { ListPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';

const ask = async (): Promise<readonly Hold[]> =>
  bodyOf(await api.GET('/v1/holds', { params: { query: { limit: 200 } } })).items;

const about = ['hold', 'radiation'] as const;

/** What an alarm says in a word or two, each once. */
export const alarmsOf = ({ alarms }: Hold): string =>
  [...new Set(alarms.map(({ category }) => words(`radiation.alarm.${category}`)))].join(', ');

/** Vehicles that an alarm of a portal holds, oldest first. */
export function Holds() {
  const { value, problem } = useQuery(ask, about);
  return (
    <ListPage
      title={words('radiation.title')}
      items={value}
      problem={problem}
      none={words('radiation.none')}
      keyOf={({ id }) => id}
      row={(hold) => <HoldLink hold={hold} />}
    />
  );
}

function HoldLink({ hold }: { readonly hold: Hold }) {
  const { id, state, dueAt, escalatedAt, openedAt, containers, proposal, joinProposal } = hold;
  return (
    <PageLink to={`/radiation/${id}`}>
      <strong>
        {alarmsOf(hold)} {containers.join(', ')}
      </strong>
      <span>{words(`radiation.state.${state}`)}</span>
      {(proposal ?? joinProposal) !== undefined && <span className="late">{words('radiation.waits')}</span>}
      <span className="quiet">{words('radiation.opened', { when: time(openedAt) })}</span>
      {dueAt !== undefined && (
        <span className={escalatedAt === undefined ? 'quiet' : 'late'}>
          {words('radiation.due', { when: time(dueAt) })}
        </span>
      )}
    </PageLink>
  );
}
