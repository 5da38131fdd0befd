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

/** The case that an address names. */
export function caseIn(path: string): string | undefined {
  return /^\/case\/([A-Za-z0-9._-]+)$/.exec(path)?.[1];
}
