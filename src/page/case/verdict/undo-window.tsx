import { useEffect, useState, useSyncExternalStore } from 'react';
import { Button } from 'react-aria-components';
import { RequestSecondReading } from '../../advice/request-second-reading.tsx';
import { useAction } from '../../api/action.ts';
import { api, type Case } from '../../api/client.ts';
import { useKeys } from '../../shell/keys.ts';
import { goTo } from '../../shell/location.ts';
import { ProblemText } from '../../shell/problem.tsx';
import { words } from '../../words/words.ts';
import { type Draft, storeDraft } from './draft.ts';
import { withdrawReferral } from './referral.tsx';

/** The verdict that was sent last, while it can be taken back: on every page, because the next case is already open. */

interface SentVerdict {
  readonly caseId: string;
  readonly container: string | undefined;
  readonly kind: Case['verdicts'][number]['kind'];
  readonly draft: Draft;
  /** By the clock of this browser, milliseconds since 1970. */
  readonly until: number;
}

const KEY = 'nii-sent';
const changed = 'nii-sent';

function setSentVerdict(sent: SentVerdict | undefined): void {
  if (sent === undefined) window.sessionStorage.removeItem(KEY);
  else window.sessionStorage.setItem(KEY, JSON.stringify(sent));
  window.dispatchEvent(new Event(changed));
}

/** Keeps a verdict that can still be taken back, with its draft. After one that cannot, the one before it is final too. */
export function rememberSentVerdict({ id, container, undoWindow, verdicts }: Case, draft: Draft): void {
  const verdict = verdicts.at(-1);
  if (undoWindow === undefined || verdict === undefined) {
    setSentVerdict(undefined);
    return;
  }
  // Both times are of the service, whose clock need not be that of the browser
  const left = Date.parse(undoWindow.until) - Date.parse(verdict.at);
  setSentVerdict({ caseId: id, container, kind: verdict.kind, draft, until: Date.now() + left });
}

function listen(onChange: () => void): () => void {
  window.addEventListener(changed, onChange);
  return () => window.removeEventListener(changed, onChange);
}

function useSentVerdict(): SentVerdict | undefined {
  const text = useSyncExternalStore(listen, () => window.sessionStorage.getItem(KEY));
  // This page wrote it
  return text === null ? undefined : (JSON.parse(text) as SentVerdict);
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

/** Offers to take back the verdict that was sent last, until its time is over. */
export function UndoWindow() {
  const sent = useSentVerdict();
  const seconds = useSecondsUntil(sent?.until);
  const { problem, run, dismiss } = useAction();
  const isOpen = sent !== undefined && seconds > 0;
  const takeBack = async () => {
    if (sent === undefined) return;
    const { caseId, draft } = sent;
    await run(async () => {
      await api.POST('/v1/cases/{caseId}/verdict-taken-back', { params: { path: { caseId } }, body: {} });
      storeDraft(caseId, draft);
      withdrawReferral(caseId);
      setSentVerdict(undefined);
      goTo(`/case/${caseId}`);
    });
  };
  useEffect(() => {
    if (sent !== undefined && seconds <= 0) setSentVerdict(undefined);
  }, [sent, seconds]);
  useKeys([['z', () => isOpen && void takeBack()]]);
  if (problem !== undefined) return <Failed problem={problem} onClose={dismiss} />;
  if (!isOpen) return null;
  return <SentNotice sent={sent} seconds={seconds} onTakeBack={() => void takeBack()} />;
}

function Failed({ problem, onClose }: { readonly problem: string; readonly onClose: () => void }) {
  return (
    <p className="notice bad row" role="alert">
      <span>
        <ProblemText message={problem} />
      </span>
      <Button className="button" onPress={onClose}>
        {words('keys.close')}
      </Button>
    </p>
  );
}

interface SentNoticeProps {
  readonly sent: SentVerdict;
  readonly seconds: number;
  readonly onTakeBack: () => void;
}

function SentNotice({ sent, seconds, onTakeBack }: SentNoticeProps) {
  const container = sent.container ?? words('case.noContainer');
  return (
    <section className="notice row" aria-label={words('sent.title')}>
      <span role="status">
        {words('sent.verdict', { container, verdict: words(`verdict.${sent.kind}`) })}
      </span>
      <Button className="button" onPress={onTakeBack}>
        {words('sent.takeBack')} <kbd>Z</kbd>
      </Button>
      <RequestSecondReading
        caseId={sent.caseId}
        onAsked={() => {
          withdrawReferral(sent.caseId);
          setSentVerdict(undefined);
        }}
      />
      <span className="quiet">{words('sent.left', { seconds })}</span>
    </section>
  );
}
