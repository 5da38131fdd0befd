import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { Button } from 'react-aria-components';
import { AnotherReading } from '../advice/another-reading.tsx';
import { api, type Case, rejectionOf } from '../api/client.ts';
import { useKeys } from '../shell/keys.ts';
import { goTo } from '../shell/location.ts';
import { TroubleWords } from '../shell/trouble.tsx';
import { words } from '../words/words.ts';
import { type Draft, keepDraft } from './draft.ts';
import { forgetToRefer } from './to-refer.tsx';

/** The verdict that she sent last, while it can be taken back: on every page, because the next case is there already. */

interface Sent {
  readonly caseId: string;
  readonly container: string | undefined;
  readonly kind: Case['verdicts'][number]['kind'];
  readonly draft: Draft;
  /** By the clock of this browser, milliseconds since 1970. */
  readonly until: number;
}

const KEY = 'nii-sent';
const changed = 'nii-sent';

function keep(sent: Sent | undefined): void {
  if (sent === undefined) window.sessionStorage.removeItem(KEY);
  else window.sessionStorage.setItem(KEY, JSON.stringify(sent));
  window.dispatchEvent(new Event(changed));
}

/** Keeps a verdict that the service lets be taken back, with what she had written. */
export function keepSent({ id, container, secondThoughts, verdicts }: Case, draft: Draft): void {
  const verdict = verdicts.at(-1);
  if (secondThoughts === undefined || verdict === undefined) return;
  // Both times are of the service, whose clock need not be that of the browser
  const left = Date.parse(secondThoughts.until) - Date.parse(verdict.at);
  keep({ caseId: id, container, kind: verdict.kind, draft, until: Date.now() + left });
}

function listen(onChange: () => void): () => void {
  window.addEventListener(changed, onChange);
  return () => window.removeEventListener(changed, onChange);
}

function useSent(): Sent | undefined {
  const text = useSyncExternalStore(listen, () => window.sessionStorage.getItem(KEY));
  // This page wrote it
  return text === null ? undefined : (JSON.parse(text) as Sent);
}

const TICK_MS = 250;

function useSecondsUntil(until: number | undefined): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (until === undefined) return undefined;
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, [until]);
  return until === undefined ? 0 : Math.ceil((until - now) / 1000);
}

export function SecondThoughts() {
  const sent = useSent();
  const seconds = useSecondsUntil(sent?.until);
  const [trouble, setTrouble] = useState<string>();
  const isOpen = sent !== undefined && seconds > 0;
  const takeBack = useCallback(async () => {
    if (sent === undefined) return;
    const { caseId, draft } = sent;
    setTrouble(undefined);
    try {
      await api.POST('/v1/cases/{caseId}/verdict-taken-back', { params: { path: { caseId } }, body: {} });
      keepDraft(caseId, draft);
      forgetToRefer(caseId);
      keep(undefined);
      goTo(`/case/${caseId}`);
    } catch (error) {
      setTrouble(rejectionOf(error));
    }
  }, [sent]);
  useEffect(() => {
    if (sent !== undefined && seconds <= 0) keep(undefined);
  }, [sent, seconds]);
  useKeys([['z', () => isOpen && void takeBack()]]);
  if (trouble !== undefined)
    return (
      <p className="notice bad row" role="alert">
        <span>
          <TroubleWords said={trouble} />
        </span>
        <Button className="button" onPress={() => setTrouble(undefined)}>
          {words('keys.close')}
        </Button>
      </p>
    );
  if (!isOpen) return null;
  const container = sent.container ?? words('case.noContainer');
  return (
    <section className="notice row" aria-label={words('sent.title')}>
      <span role="status">
        {words('sent.verdict', { container, verdict: words(`verdict.${sent.kind}`) })}
      </span>
      <Button className="button" onPress={() => void takeBack()}>
        {words('sent.takeBack')} <kbd>Z</kbd>
      </Button>
      <AnotherReading
        caseId={sent.caseId}
        onAsked={() => {
          forgetToRefer(sent.caseId);
          keep(undefined);
        }}
      />
      <span className="quiet">{words('sent.left', { seconds })}</span>
    </section>
  );
}
