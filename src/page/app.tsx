import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import type { Role } from '../core/access.ts';
import { api, bodyOf, Rejected, type Session } from './api/client.ts';
import { onSessionEnd } from './api/events.ts';
import { pointerIdle } from './api/pointer-idle.ts';
import { CasePage } from './case/case-page.tsx';
import { QueuePage } from './case/queue-page.tsx';
import { UndoWindow } from './case/verdict/undo-window.tsx';
import { OwnDecisionPage } from './own/own-decision.tsx';
import { OwnDecisions } from './own/own-decisions.tsx';
import { Proposals } from './proposals/proposals.tsx';
import { HoldPage } from './radiation/hold-page.tsx';
import { Holds } from './radiation/holds.tsx';
import { SearchPage } from './search/search-page.tsx';
import { Searches } from './search/searches.tsx';
import { Bar } from './shell/bar.tsx';
import { ConnectionStatus } from './shell/connection-status.tsx';
import { CONTENT, routeOf, usePath, useRouteAnnouncement } from './shell/location.ts';
import { ProblemNotice } from './shell/problem.tsx';
import { sectionAt, sectionsOf, titleAt } from './shell/sections.tsx';
import { SignIn } from './shell/sign-in.tsx';
import { showTheme, storedTheme } from './shell/theme.ts';
import { Dangers } from './shift/dangers.tsx';
import { ExpectedVehicles } from './shift/expected.tsx';
import { ServiceHolds } from './shift/service-holds.tsx';
import { ShiftOverview } from './shift/shift-overview.tsx';
import { vehicleAt } from './vehicles/address.ts';
import { FindVehicle } from './vehicles/find-vehicle.tsx';
import { VehiclePage } from './vehicles/vehicle-page.tsx';
import { words } from './words/words.ts';

/** With the library of plots, which nobody else needs. */
const Measures = lazy(() => import('./measures/measures.tsx'));
/** Administrators alone open it. */
const ReasonEditor = lazy(() => import('./reasons/editor.tsx'));

type SignedIn =
  | { readonly kind: 'asking' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'someone'; readonly session: Session };

const ASK_AGAIN_MS = 60_000;

async function fetchSession(): Promise<SignedIn> {
  try {
    return { kind: 'someone', session: bodyOf(await api.GET('/v1/session')) };
  } catch (error) {
    if (error instanceof Rejected && error.status === 401) return { kind: 'nobody' };
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Who is signed in, asked again now and then: a session may be ended elsewhere. */
function useSession(): readonly [SignedIn, () => void] {
  const [known, setKnown] = useState<SignedIn>({ kind: 'asking' });
  const ask = useCallback(() => {
    void fetchSession().then((next) =>
      setKnown((before) => (next.kind === 'failed' && before.kind === 'someone' ? before : next)),
    );
  }, []);
  useEffect(() => {
    ask();
    const timer = window.setInterval(() => pointerIdle.whenIdle(ask), ASK_AGAIN_MS);
    const leave = onSessionEnd(ask);
    return () => {
      window.clearInterval(timer);
      leave();
    };
  }, [ask]);
  return [known, ask];
}

export function App() {
  const [known, ask] = useSession();
  const path = usePath();
  useEffect(() => showTheme(storedTheme()), []);
  if (known.kind === 'asking') return <main className="centre quiet">{words('app.loading')}</main>;
  if (known.kind === 'nobody') return <SignIn />;
  if (known.kind === 'failed')
    return (
      <main className="centre">
        <ProblemNotice message={words('app.error', { detail: known.detail })} isQuiet />
        <Button className="button" onPress={ask}>
          {words('app.retry')}
        </Button>
      </main>
    );
  return <Desk session={known.session} path={path} ask={ask} />;
}

interface DeskProps {
  readonly session: Session;
  readonly path: string;
  readonly ask: () => void;
}

function Desk({ session, path, ask }: DeskProps) {
  useRouteAnnouncement(path, titleAt(session, path));
  if (session.person?.status === 'unlinked')
    return (
      <main className="centre">
        <h1>{session.person.name}</h1>
        <p className="notice">{words('signIn.waiting', { id: session.person.id })}</p>
        <Button className="button" onPress={ask}>
          {words('app.retry')}
        </Button>
      </main>
    );
  return (
    <div className="page">
      <Bar session={session} />
      <div className="alerts">
        <ConnectionStatus />
        {session.roles.some((role) => roleFacts[role].seesDangers) && <Dangers />}
        {session.roles.some((role) => roleFacts[role].seesServiceHolds) && <ServiceHolds session={session} />}
        <UndoWindow />
      </div>
      <div id={CONTENT} className="content" tabIndex={-1}>
        <SectionPage session={session} path={path} onSessionLost={ask} />
      </div>
    </div>
  );
}

interface RoleFacts {
  /** Sees alarms that a person is in danger, on every page. */
  readonly seesDangers: boolean;
  /** Sees what the service itself holds, on every page. */
  readonly seesServiceHolds: boolean;
  readonly adjudicatesAlarms: boolean;
}

const others: RoleFacts = { seesDangers: false, seesServiceHolds: false, adjudicatesAlarms: false };

const roleFacts: Readonly<Record<Role, RoleFacts>> = {
  scanner: others,
  lane: others,
  analyst: others,
  supervisor: { seesDangers: true, seesServiceHolds: true, adjudicatesAlarms: false },
  searcher: others,
  auditor: others,
  'data-scientist': others,
  peer: others,
  administrator: { ...others, seesServiceHolds: true },
  'radiation-officer': { seesDangers: true, seesServiceHolds: true, adjudicatesAlarms: true },
};

interface SectionPageProps {
  readonly session: Session;
  readonly path: string;
  readonly onSessionLost: () => void;
}

/** What the address shows, if it belongs to a role of this person. */
function SectionPage({ session, path, onSessionLost }: SectionPageProps) {
  const { section, id } = routeOf(path);
  switch (sectionAt(session, path)) {
    case 'queue':
      if (section === 'case' && id !== undefined)
        return <CasePage key={id} caseId={id} person={session.person?.id} onSessionLost={onSessionLost} />;
      return <QueuePage />;
    case 'decided':
      return id === undefined ? <OwnDecisions /> : <OwnDecisionPage key={id} caseId={id} />;
    case 'searches':
      return id === undefined ? <Searches /> : <SearchPage key={id} caseId={id} />;
    case 'room':
      return <ShiftOverview />;
    case 'expected':
      return <ExpectedVehicles />;
    case 'measures':
      return (
        <Suspense fallback={<main className="centre quiet">{words('app.loading')}</main>}>
          <Measures roles={session.roles} />
        </Suspense>
      );
    case 'reasons':
      return (
        <Suspense fallback={<main className="centre quiet">{words('app.loading')}</main>}>
          <ReasonEditor />
        </Suspense>
      );
    case 'radiation':
      if (id === undefined) return <Holds />;
      return (
        <HoldPage
          key={id}
          holdId={id}
          isOfficer={session.roles.some((role) => roleFacts[role].adjudicatesAlarms)}
        />
      );
    case 'vehicles': {
      const address = vehicleAt(path);
      if (address === undefined) return <FindVehicle session={session} />;
      return <VehiclePage key={path} address={address} session={session} />;
    }
    case 'proposals':
      return <Proposals session={session} />;
    case undefined:
      return <NotHere hasOther={sectionsOf(session).length > 0} />;
  }
}

function NotHere({ hasOther }: { readonly hasOther: boolean }) {
  return (
    <main className="centre">
      <h1>{words('app.title')}</h1>
      <p className="notice" role="status">
        {words(hasOther ? 'place.notYours' : 'place.none')}
      </p>
      {hasOther && (
        <a className="button" href="/">
          {words('place.first')}
        </a>
      )}
    </main>
  );
}
