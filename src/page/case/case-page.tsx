import { useCallback, useEffect, useState } from 'react';
import { AskAdvice } from '../advice/ask-advice.tsx';
import { GiveAdvice } from '../advice/give-advice.tsx';
import { Rejected } from '../api/client.ts';
import { useReasons, usualReason } from '../reasons/reasons.ts';
import { useKeys } from '../shell/keys.ts';
import { goTo } from '../shell/location.ts';
import { ProblemNotice, ProblemText } from '../shell/problem.tsx';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { time, words } from '../words/words.ts';
import { useAnnotations } from './annotations/annotations.ts';
import { AnnotationList } from './annotations/list.tsx';
import { useHeldCase } from './claim.ts';
import { Facts } from './facts.tsx';
import { useFindings } from './findings/load.ts';
import { useRecord } from './loading/record.ts';
import { startTiming } from './loading/timing.ts';
import { claimNextCase } from './queue-page.tsx';
import { RaiseDanger } from './raise-danger.tsx';
import { Reading } from './reading/reading.tsx';
import { useReadingLog } from './reading/reading-log.ts';
import { useDraft } from './verdict/draft.ts';
import { kinds, VerdictForm } from './verdict/form.tsx';
import { offerReferral, Referrals } from './verdict/referral.tsx';
import { rememberSentVerdict } from './verdict/undo-window.tsx';

interface Props {
  readonly caseId: string;
  /** Who looks: a supervisor may see a case that is in another's hand. */
  readonly person: string | undefined;
  /** The service says that nobody is signed in. */
  readonly onSessionLost: () => void;
}

/** One case in hand: the picture, what is known beside it, and the verdict. */
export function CasePage({ caseId, person, onSessionLost }: Props) {
  const { value, lost, decide, handBack } = useHeldCase(caseId, person);
  const { draft, change, forget } = useDraft(caseId);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [isHandingBack, askHandBack] = useState(false);
  const revision = value?.claim?.revision ?? value?.revision;
  const record = useRecord(value?.scanId, revision);
  const found = useFindings(value?.scanId, revision);
  const [isShown, setShown] = useState(false);
  const log = useReadingLog();
  const reasons = useReasons();
  useEffect(startTiming, []);
  const tellShown = useCallback(() => {
    log.shown();
    setShown(true);
  }, [log]);
  const isHeld = value?.state === 'claimed' && value.claim?.analyst === person && lost === undefined;

  const looksAlong = value?.claim?.advice?.colleagues.some(({ by }) => by === person) === true;
  const desk = useAnnotations(caseId, revision, isHeld, looksAlong);

  const moving = async (move: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await move();
      forget();
      const next = await claimNextCase();
      goTo(next === undefined ? '/' : `/case/${next.id}`);
    } catch (error) {
      if (error instanceof Rejected && error.status === 401) onSessionLost();
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const send = () => {
    const { kind, reason = usualReason(reasons, draft.kind), note, regions } = draft;
    if (!isHeld || !isShown || isBusy || kind === undefined || reason === undefined) return;
    const decision = {
      kind,
      reason,
      reading: log.read(),
      ...(note.trim() === '' ? {} : { note }),
      ...(regions.length === 0 ? {} : { regions: [...regions] }),
    };
    // the verdict carries what was drawn, so all of that is there first
    void moving(async () => {
      await desk.settle();
      const decided = await decide(decision);
      offerReferral(decided);
      rememberSentVerdict(decided, draft);
    });
  };
  const choose = (at: number) => () => {
    const kind = kinds[at];
    if (kind !== undefined) change({ kind, reason: undefined });
  };
  useKeys([
    ['1', choose(0)],
    ['2', choose(1)],
    ['3', choose(2)],
    ['4', choose(3)],
    ['Enter', send],
    ['n', () => (isHeld ? undefined : goTo('/'))],
    ['u', () => (looksAlong ? undefined : desk.undo())],
    [
      'Backspace',
      () =>
        looksAlong
          ? undefined
          : draft.regions.length === 0
            ? desk.removeLast()
            : change({ regions: draft.regions.slice(0, -1) }),
    ],
  ]);

  if (value === undefined)
    return (
      <main className="centre">
        <p className={lost === undefined ? 'quiet' : 'notice bad'}>
          {lost === undefined ? words('app.loading') : <ProblemText message={lost} />}
        </p>
      </main>
    );
  return (
    <main className="case">
      <Reading
        caseId={caseId}
        scanId={value.scanId}
        revision={revision ?? 1}
        record={record}
        found={found}
        regions={draft.regions}
        {...{ desk, isHeld }}
        onShown={tellShown}
        log={log}
        foot={
          isHeld && value.claim !== undefined
            ? words('case.claim', { when: time(value.claim.until) })
            : undefined
        }
      />
      <aside className="beside">
        <Facts value={value} record={record} emptiness={found?.emptiness} />
        <div>
          {!isHeld && !looksAlong && <ProblemNotice message={lost ?? words('case.claimLost')} isQuiet />}
          {(isHeld || looksAlong) && <RaiseDanger caseId={caseId} />}
          {isHeld && <AskAdvice caseId={caseId} />}
          <AnnotationList desk={desk} isOwn={!looksAlong} />
          <Referrals />
          {looksAlong ? (
            <GiveAdvice caseId={caseId} />
          ) : (
            <VerdictForm
              caseId={caseId}
              draft={draft}
              drawn={desk.shown.length}
              change={change}
              isBusy={isBusy}
              isHeld={isHeld}
              isShown={isShown}
              problem={problem}
              onSend={send}
              onHandBack={() => askHandBack(true)}
            />
          )}
        </div>
      </aside>
      <ReasonDialog
        title={isHandingBack ? words('case.handBack') : undefined}
        label={words('case.handBack.why')}
        onClose={() => askHandBack(false)}
        onSend={(why) =>
          void moving(async () => {
            await desk.settle();
            await handBack(why);
          })
        }
      />
    </main>
  );
}
