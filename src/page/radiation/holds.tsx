import { api, bodyOf, type Hold } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
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
    <main className="list">
      <h1>{words('radiation.title')}</h1>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      {value === undefined && problem === undefined && <p className="quiet">{words('app.loading')}</p>}
      {value?.length === 0 && <p className="quiet">{words('radiation.none')}</p>}
      <ul className="rows">
        {value?.map((hold) => (
          <li key={hold.id}>
            <Row hold={hold} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function Row({ hold }: { readonly hold: Hold }) {
  const { id, state, dueAt, escalatedAt, openedAt, containers } = hold;
  const address = `/radiation/${id}`;
  return (
    <a
      href={address}
      onClick={(event) => {
        event.preventDefault();
        goTo(address);
      }}
    >
      <strong>
        {alarmsOf(hold)} {containers.join(', ')}
      </strong>
      <span>{words(`radiation.state.${state}`)}</span>
      <span className="quiet">{words('radiation.opened', { when: time(openedAt) })}</span>
      {dueAt !== undefined && (
        <span className={escalatedAt === undefined ? 'quiet' : 'late'}>
          {words('radiation.due', { when: time(dueAt) })}
        </span>
      )}
    </a>
  );
}
