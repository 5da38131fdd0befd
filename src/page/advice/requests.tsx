import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { type AdviceAsked, api, bodyOf } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { time, words } from '../words/words.ts';

const about = ['advice'] as const;
const ask = async () => bodyOf(await api.GET('/v1/advice')).items;

interface Props {
  /** Above the list, where there is any; the room has one of its own. */
  readonly title?: string;
}

/** Colleagues who ask for advice, and the button to observe. */
export function AdviceRequests({ title }: Props) {
  const { value: all = [], problem: missing, reload } = useQuery(ask, about);
  const { problem, run } = useAction();
  const observe = ({ caseId, looksAlong }: AdviceAsked) =>
    run(async () => {
      if (!looksAlong)
        await api.POST('/v1/cases/{caseId}/advice/look-along', { params: { path: { caseId } }, body: {} });
      goTo(`/case/${caseId}`);
    }, reload);
  const message = problem ?? missing;
  return (
    <>
      {title !== undefined && all.length > 0 && <h2>{title}</h2>}
      {message !== undefined && <ProblemNotice message={message} />}
      <ul className="plain" aria-label={title}>
        {all.map((one) => (
          <li key={one.caseId}>
            <strong>{one.name ?? one.by}</strong> {one.container} {one.question}{' '}
            <span className="quiet">
              {[
                time(one.since),
                ...one.colleagues.map(({ by, name = by, answers }) =>
                  words('advice.row', { name, count: answers }),
                ),
              ].join(' · ')}
            </span>
            <Button className="button" onPress={() => void observe(one)}>
              {words('advice.look')}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
