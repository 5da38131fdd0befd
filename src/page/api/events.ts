/** What the service says has changed, as it changes: one stream of events while the page is in view. */

export type Topic =
  | 'case'
  | 'danger'
  | 'advice'
  | 'scan'
  | 'hold'
  | 'service-hold'
  | 'set-aside'
  | 'scan-marks'
  | 'radiation'
  | 'release'
  | 'passage'
  | 'vehicle'
  | 'check-in'
  | 'declaration'
  | 'policy'
  | 'site'
  | 'scanner'
  | 'model'
  | 'vehicle-hold';
type Listener = (topics: readonly string[] | 'all') => void;

const ADDRESS = '/v1/events';
/** The browser itself tries again where the line broke, and not where the answer was no stream. */
const AGAIN_MS = 10_000;
/** From one page to the next nobody listens for a moment; a new stream would let everything be asked for twice. */
const UNHEARD_MS = 1_000;

const listeners = new Set<Listener>();
const endListeners = new Set<() => void>();
let stream: EventSource | undefined;
let timer = 0;
let unheard = 0;
let isOpen = false;

/** Whether changes are told by themselves; else they are to be asked for. */
export const isLive = () => isOpen;

function close(): void {
  window.clearTimeout(timer);
  stream?.close();
  stream = undefined;
  isOpen = false;
}

/** A browser opens few connections to one host: a window that nobody sees needs none. */
function connect(): void {
  close();
  if (listeners.size === 0 || document.visibilityState !== 'visible') return;
  const mine = new EventSource(ADDRESS);
  stream = mine;
  let isFirst = true;
  mine.addEventListener('changed', (event: MessageEvent<string>) => {
    isOpen = true;
    // what changed before this stream began is not known; a resumed one says it
    const topics = isFirst ? 'all' : topicsIn(event.data);
    isFirst = false;
    for (const listener of listeners) listener(topics);
  });
  mine.addEventListener('ended', () => {
    close();
    for (const listener of endListeners) listener();
  });
  mine.addEventListener('error', () => {
    isOpen = false;
    if (mine.readyState === EventSource.CLOSED && stream === mine)
      timer = window.setTimeout(connect, AGAIN_MS);
  });
}

function topicsIn(text: string): readonly string[] | 'all' {
  const data: unknown = JSON.parse(text);
  const { topics } = Object(data) as { readonly topics?: unknown };
  return Array.isArray(topics) && topics.every((topic) => typeof topic === 'string') ? topics : 'all';
}

document.addEventListener('visibilitychange', connect);

/** @returns ends it */
export function onChange(topics: readonly Topic[], changed: () => void): () => void {
  const listener: Listener = (told) => {
    if (told === 'all' || topics.some((topic) => told.includes(topic))) changed();
  };
  listeners.add(listener);
  window.clearTimeout(unheard);
  if (stream === undefined) connect();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) unheard = window.setTimeout(close, UNHEARD_MS);
  };
}

/** The session is over, which nobody may be asking about. @returns ends it */
export function onSessionEnd(ended: () => void): () => void {
  endListeners.add(ended);
  return () => void endListeners.delete(ended);
}
