import { Button } from 'react-aria-components';
import { api, type Case } from '../api/client.ts';
import { PageLink } from '../shell/page-link.tsx';
import { markFrom, vehiclePath } from '../vehicles/address.ts';
import { time, words } from '../words/words.ts';
import { type PendingAction, versionOf } from './queries.ts';

interface Props {
  readonly cases: readonly Case[];
  readonly onAsk: (asking: PendingAction) => void;
}

/** Vehicles in which a search found something: they are held until a supervisor who did not report it releases them. */
export function Finds({ cases, onAsk }: Props) {
  const release = (value: Case) =>
    onAsk({
      title: words('vehicle.release.title', { container: value.container ?? value.id }),
      move: (why) =>
        api.POST('/v1/cases/{caseId}/search-acceptance', { params: versionOf(value), body: { why } }),
    });
  return (
    <ul className="plain">
      {cases.map((value) => (
        <li key={value.id}>
          <Named value={value} /> {foundIn(value)}
          <Button className="button" onPress={() => release(value)}>
            {words('vehicle.release')}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function Named({ value: { site, container, id } }: { readonly value: Case }) {
  if (container === undefined) return <strong>{id}</strong>;
  return (
    <PageLink to={vehiclePath({ site, ...markFrom(container), kind: 'container' })}>{container}</PageLink>
  );
}

/** What was found, where and when. */
function foundIn({ outcome, history }: Case): string {
  const at = history.findLast(({ kind }) => kind === 'outcome')?.at;
  const parts = [at === undefined ? undefined : time(at), outcome?.what, outcome?.where, outcome?.note];
  return parts.filter((part) => part !== undefined).join(' · ');
}
