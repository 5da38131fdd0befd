import { useCallback } from 'react';
import type { Role } from '../../core/access.ts';
import { api, bodyOf, type Session } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { PageLink } from '../shell/page-link.tsx';
import { WaitingPage } from '../shell/pages.tsx';
import { useNames } from '../shift/names.ts';
import { words } from '../words/words.ts';
import { type VehicleAddress, vehiclePath } from './address.ts';
import { CaseMoves } from './case-moves.tsx';
import { FindForm } from './find-vehicle.tsx';
import { HandHold } from './hand-hold.tsx';
import { Timeline } from './timeline.tsx';
import { ToldNow } from './told-now.tsx';

interface Props {
  readonly address: VehicleAddress;
  readonly session: Session;
}

const about = [
  'case',
  'danger',
  'scan',
  'hold',
  'radiation',
  'release',
  'passage',
  'vehicle-hold',
  'scan-marks',
] as const;
const otherKind = { container: 'visit', visit: 'plate', plate: 'container' } as const;

/** And so orders searches, reopens cases and releases vehicles. */
const readers: ReadonlySet<Role> = new Set<Role>(['supervisor']);
const readsImages = (role: Role) => readers.has(role);
const correctors: ReadonlySet<Role> = new Set<Role>(['supervisor', 'administrator']);
const correctsMarks = (role: Role) => correctors.has(role);

/** One vehicle: what the lane is told now, what people can do, and what happened. */
export function VehiclePage({ address, session }: Props) {
  const { site, kind, mark } = address;
  const ask = useCallback(async () => {
    const path = { site, kind, mark };
    return bodyOf(await api.GET('/v1/sites/{site}/vehicles/{kind}/{mark}', { params: { path } }));
  }, [site, kind, mark]);
  const { value, problem, reload } = useQuery(ask, about);
  const nameOf = useNames(session);
  const back = (
    <PageLink className="button" to="/vehicles">
      {words('vehicle.back')}
    </PageLink>
  );
  if (value === undefined) return <WaitingPage problem={problem}>{back}</WaitingPage>;
  const isReader = session.roles.some(readsImages);
  const other = { site, kind: otherKind[kind], mark };
  return (
    <main className="room vehicle">
      <header className="row">
        {back}
        <FindForm site={site} />
      </header>
      <h1>{words(`vehicle.title.${kind}`, { mark })}</h1>
      {value.entries.length === 0 && (
        <p>
          {words('vehicle.timeline.none')}{' '}
          <PageLink to={vehiclePath(other)}>{words(`vehicle.instead.${other.kind}`, { mark })}</PageLink>
        </p>
      )}
      <ToldNow vehicle={value} />
      <HandHold address={address} session={session} nameOf={nameOf} onChanged={reload} />
      {isReader && <CaseMoves cases={value.cases} onMoved={reload} />}
      <Timeline
        vehicle={value}
        isReader={isReader}
        nameOf={nameOf}
        onCorrected={session.roles.some(correctsMarks) ? reload : undefined}
      />
    </main>
  );
}
