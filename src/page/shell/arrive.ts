import { useEffect, useRef } from 'react';
import { words } from '../words/words.ts';

/** Where what the page shows begins; the way past the bar leads there. */
export const CONTENT = 'content';

/**
 * Names the window after what it shows, and puts the focus there when the place has changed: whoever does not see the page
 * hears where she is. The first place of a load keeps the focus of the browser.
 */
export function useArrival(path: string, title: string): void {
  const last = useRef(path);
  useEffect(() => {
    document.title = `${title} · ${words('app.title')}`;
    if (last.current === path) return;
    last.current = path;
    const main = document.getElementById(CONTENT);
    if (main?.contains(document.activeElement) === false) main.focus();
  }, [path, title]);
}
