import { useEffect, useRef, useSyncExternalStore } from 'react';
import { words } from '../words/words.ts';

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
  readonly section: string;
  readonly id?: string;
}

/** As `/searches/4f2a` is the place `searches` and the id `4f2a`; the place of `/` is empty. What follows is of the place. */
export function routeOf(path: string): Route {
  const [, section = '', id] = /^\/([a-z]*)(?:\/([A-Za-z0-9._-]+))?(?:\/.*)?$/.exec(path) ?? [];
  return id === undefined ? { section } : { section, id };
}

/** Id of the element that holds the content of a page; the link that skips the navigation leads there. */
export const CONTENT = 'content';

/**
 * Sets the title of the window, and moves the focus to the content when the path has changed, so that screen readers
 * announce the new page. The first page of a load keeps the focus of the browser.
 */
export function useRouteAnnouncement(path: string, title: string): void {
  const last = useRef(path);
  useEffect(() => {
    document.title = `${title} · ${words('app.title')}`;
    if (last.current === path) return;
    last.current = path;
    const content = document.getElementById(CONTENT);
    if (content?.contains(document.activeElement) === false) content.focus();
  }, [path, title]);
}
