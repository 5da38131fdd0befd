import { useSyncExternalStore } from 'react';

/** The state of the page is in its address, so that reload and back do what people expect. */

const changed = 'nii-location';

export function goTo(path: string): void {
  if (path === window.location.pathname) return;
  window.history.pushState(null, '', path);
  window.dispatchEvent(new Event(changed));
}

function listen(onChange: () => void): () => void {
  for (const event of ['popstate', changed]) window.addEventListener(event, onChange);
  return () => {
    for (const event of ['popstate', changed]) window.removeEventListener(event, onChange);
  };
}

export function usePath(): string {
  return useSyncExternalStore(listen, () => window.location.pathname);
}

/** What an address shows: a place, and the one thing of it that is open, if any. */
export interface Route {
  readonly place: string;
  readonly id?: string;
}

/** As `/searches/4f2a` is the place `searches` and the id `4f2a`; the place of `/` is empty. */
export function routeOf(path: string): Route {
  const [, place = '', id] = /^\/([a-z]*)(?:\/([A-Za-z0-9._-]+))?\/?$/.exec(path) ?? [];
  return id === undefined ? { place } : { place, id };
}
