import { useEffect, useState } from 'react';
import { AskAdvice, GiveAdvice } from '../advice/advice.tsx';
import type { Case } from '../api/client.ts';
import { useKeys } from '../shell/keys.ts';
import { goTo } from '../shell/location.ts';
import { WaitingPage } from '../shell/pages.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { time, words } from '../words/words.ts';
import { type Annotations, useAnnotations } from './annotations/annotations.ts';
import { AnnotationList } from './annotations/list.tsx';
import { useHeldCase } from './claim.ts';
import { Facts } from './facts.tsx';
import { useFindings } from './findings/load.ts';
import { nextSteps, verdictKinds } from './kinds.ts';
import { useRecord } from './loading/record.ts';
import { startTiming } from './loading/timing.ts';
import { RaiseDanger } from './raise-danger.tsx';
import { Reading } from './reading/reading.tsx';
import { useReadingLog } from './reading/reading-log.ts';
import { VerdictForm } from './verdict/form.tsx';
import { Referrals } from './verdict/referral.tsx';
import { useVerdict, type VerdictInHand } from './verdict/use-verdict.ts';

interface Props {
  readonly caseId: string;
  /** Who looks: a supervisor may see a case that is in another's hand. */
  readonly person: string | undefined;
  /** The service says that nobody is signed in. */
  readonly onSessionLost: () => void;
}

const isClaimedBy = (value: Case | undefined, person: string | undefined) =>
  value !== undefined && nextSteps[value.state] === 'verdict' && value.claim?.analyst === person;

/** One case in hand: the picture, what is known beside it, and the verdict. */
export function CasePage({ caseId, person, onSessionLost }: Props) {
  const held = useHeldCase(caseId, person);
  const { value, lost } = held;
  const revision = value?.claim?.revision ?? value?.revision;
  const record = useRecord(value?.scanId, revision);
  const found = useFindings(value?.scanId, revision);
  const log = useReadingLog();
  const isHeld = isClaimedBy(value, person) && lost === undefined;
  const isObserver = value?.claim?.advice?.colleagues.some(({ by }) => by === person) === true;
  const annotations = useAnnotations(caseId, revision, isHeld, isObserver);
  const verdict = useVerdict({ caseId, held, isHeld, annotations, log, onSessionLost });
  useEffect(startTiming, []);
  useCaseKeys({ isHeld, isObserver, annotations, verdict });
  if (value === undefined) return <WaitingPage problem={lost} />;
  const until = isHeld ? value.claim?.until : undefined;
  return (
    <main className="case">
      <Reading
        {...{ caseId, record, found, annotations, isHeld, log }}
        scanId={value.scanId}
        revision={revision ?? 1}
        onShown={verdict.onShown}
        foot={until === undefined ? undefined : words('case.claim', { when: time(until) })}
      />
      <aside className="beside">
        <Facts value={value} record={record} emptiness={found?.emptiness} />
        <div>
          {!isHeld && !isObserver && <ProblemNotice message={lost ?? words('case.claimLost')} isQuiet />}
          {(isHeld || isObserver) && <RaiseDanger caseId={caseId} />}
          {isHeld && <AskAdvice caseId={caseId} />}
          <AnnotationList annotations={annotations} isOwn={!isObserver} />
          <Referrals />
          {isObserver ? (
            <GiveAdvice caseId={caseId} />
          ) : (
            <OwnVerdict {...{ caseId, verdict, isHeld }} drawn={annotations.shown.length} />
          )}
        </div>
      </aside>
    </main>
  );
}

interface CaseKeys {
  readonly isHeld: boolean;
  readonly isObserver: boolean;
  readonly annotations: Annotations;
  readonly verdict: VerdictInHand;
}

function useCaseKeys({ isHeld, isObserver, annotations, verdict }: CaseKeys): void {
  useKeys([
    ...verdictKinds.map(
      (kind, i) => [String(i + 1), () => verdict.change({ kind, reason: undefined })] as const,
    ),
    ['Enter', verdict.send],
    ['n', () => (isHeld ? undefined : goTo('/'))],
    ['u', () => (isObserver ? undefined : annotations.undo())],
    ['Backspace', () => (isObserver ? undefined : annotations.removeLast())],
  ]);
}

interface OwnVerdictProps {
  readonly caseId: string;
  readonly verdict: VerdictInHand;
  readonly isHeld: boolean;
  readonly drawn: number;
}

function OwnVerdict({ caseId, verdict, isHeld, drawn }: OwnVerdictProps) {
  const [isHandingBack, askHandBack] = useState(false);
  const { draft, change, isBusy, problem, isShown, send } = verdict;
  return (
    <>
      <VerdictForm
        {...{ caseId, draft, drawn, change, isBusy, isHeld, isShown, problem }}
        onSend={send}
        onHandBack={() => askHandBack(true)}
      />
      <ReasonDialog
        title={isHandingBack ? words('case.handBack') : undefined}
        label={words('case.handBack.why')}
        onClose={() => askHandBack(false)}
        onSend={verdict.handBack}
      />
    </>
  );
}
