import { useCallback } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ListPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';

/** Notices to analysts, each in every version. */
export function Notices() {
  const ask = useCallback(async () => bodyOf(await api.GET('/v1/notices')), []);
  const { value, problem } = useQuery(ask);
  return (
    <ListPage
      title={words('place.notices')}
      items={value?.items}
      problem={problem}
      none={words('notices.none')}
      keyOf={({ notice, version }) => `${notice} ${version}`}
      row={({ notice, version, state, at, terms }) => (
        <div className="row-of-list">
          <strong>{`${notice}, ${version}`}</strong>
          <span className="quiet">{`${state}, ${time(at)}`}</span>
          <span>{terms.text}</span>
        </div>
      )}
    />
  );
}
