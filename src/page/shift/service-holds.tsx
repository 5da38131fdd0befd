import { api, bodyOf } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { time, words } from '../words/words.ts';

const about = ['service-hold'] as const;
const ask = async () => bodyOf(await api.GET('/v1/service-holds')).items;

/** What the service itself holds at the sites of those who see to it, on every page until two persons have ended it. */
export function ServiceHolds() {
  const { value: holds = [] } = useQuery(ask, about);
  return holds.map(({ id, site, cause, until }) => (
    <p key={`${site} ${id}`} className="notice bad" role="alert">
      {words(`serviceHold.${cause}`, { site, id, when: time(until) })}
    </p>
  ));
}
