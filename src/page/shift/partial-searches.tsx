import { Button } from 'react-aria-components';
import { api, type Case } from '../api/client.ts';
import { words } from '../words/words.ts';
import { type PendingAction, versionOf } from './queries.ts';

interface Props {
  readonly cases: readonly Case[];
  readonly onAsk: (asking: PendingAction) => void;
}

/** Searches that found nothing in a part: a supervisor says why that is enough, or sends the case to a further search. */
export function PartialSearches({ cases, onAsk }: Props) {
  const accept = (value: Case) =>
    onAsk({
      title: words('room.accept.title', { container: nameOf(value) }),
      move: (why) =>
        api.POST('/v1/cases/{caseId}/search-acceptance', { params: versionOf(value), body: { why } }),
    });
  const sendBack = (value: Case) =>
    onAsk({
      title: words('room.searchAgain.title', { container: nameOf(value) }),
      move: (note) => api.POST('/v1/cases/{caseId}/refer', { params: versionOf(value), body: { note } }),
    });
  return (
    <ul className="plain">
      {cases.map((value) => (
        <li key={value.id}>
          <strong>{nameOf(value)}</strong> {foundIn(value)}
          <Button className="button" onPress={() => accept(value)}>
            {words('room.accept')}
          </Button>
          <Button className="button" onPress={() => sendBack(value)}>
            {words('room.searchAgain')}
          </Button>
        </li>
      ))}
    </ul>
  );
}

const nameOf = ({ container, id }: Case) => container ?? id;

/** By which method, how much, and what the searcher wrote. */
function foundIn({ outcome }: Case): string {
  if (outcome === undefined) return '';
  const { kind, method, extent, note } = outcome;
  return [
    words(`outcome.${kind}`),
    method && words(`outcome.method.${method}`),
    extent && words(`outcome.extent.${extent}`),
    note,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
