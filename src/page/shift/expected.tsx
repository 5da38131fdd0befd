import { api, bodyOf, type CheckIn } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ListPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';

/** In the order in which they need somebody. */
const states = ['missing-control', 'overdue', 'arrived', 'expected'] as const;
const about = ['check-in', 'scan', 'radiation', 'passage'] as const;
const MOST_SHOWN = 50;

async function ask(): Promise<readonly CheckIn[]> {
  const lists = await Promise.all(
    states.map((state) => api.GET('/v1/check-ins', { params: { query: { state, limit: MOST_SHOWN } } })),
  );
  return lists.flatMap((list) => bodyOf(list).items);
}

/** Vehicles that a terminal or a carrier has announced, with what has come of each. */
export function ExpectedVehicles() {
  const { value, problem } = useQuery(ask, about);
  return (
    <ListPage
      title={words('expected.title')}
      lead={words('expected.lead')}
      items={value}
      problem={problem}
      none={words('expected.none')}
      keyOf={({ checkInId }) => checkInId}
      row={(checkIn) => <Expected checkIn={checkIn} />}
    />
  );
}

function Expected({ checkIn: { id, terms, state, missing, waits } }: { readonly checkIn: CheckIn }) {
  const { plates = [], containers = [], visit, reference, expectedAt } = terms;
  const isLate = state === 'missing-control' || state === 'overdue';
  const isLacking = state === 'missing-control' || state === 'arrived';
  const marks = [...plates, ...containers, visit].filter((mark) => mark !== undefined);
  return (
    <p>
      <strong>{marks.join(' ') || id}</strong>{' '}
      <span className={isLate ? 'late' : undefined}>{words(`expected.state.${state}`)}</span>{' '}
      {isLacking && missing.map((control) => words(`expected.missing.${control}`)).join(', ')}{' '}
      <span className="quiet">
        {words('expected.at', { when: time(expectedAt) })} {reference}{' '}
        {waits !== undefined && words('expected.waits')}
      </span>
    </p>
  );
}
