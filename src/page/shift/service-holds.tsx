import { Button } from 'react-aria-components';
import type { Role } from '../../core/access.ts';
import { useAction } from '../api/action.ts';
import { api, bodyOf, type Session } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonButton } from '../shell/reason-dialog.tsx';
import { time, words } from '../words/words.ts';
import { useNames } from './names.ts';

const about = ['service-hold'] as const;
const ask = async () => bodyOf(await api.GET('/v1/service-holds')).items;
type ServiceHold = Awaited<ReturnType<typeof ask>>[number];

/** Who proposes the end, and who confirms it. */
const endedBy: Readonly<Record<ServiceHold['cause'], readonly [readonly Role[], readonly Role[]]>> = {
  recovery: [['supervisor', 'administrator'], ['supervisor']],
  clock: [['administrator'], ['administrator']],
};

/** In place of a proposal that waits, if there is one. */
async function proposeEnd({ site, id, version, proposal }: ServiceHold, reason: string): Promise<void> {
  const newest = proposal?.version ?? version;
  const params = { path: { site, serviceHold: id }, header: { 'if-match': `"${newest}"` } };
  await api.PUT('/v1/sites/{site}/service-holds/{serviceHold}', { params, body: { reason } });
}

async function confirmEnd({ site, id }: ServiceHold, version: number): Promise<void> {
  const params = { path: { site, serviceHold: id }, header: { 'if-match': `"${version}"` } };
  await api.POST('/v1/sites/{site}/service-holds/{serviceHold}/confirmation', { params, body: {} });
}

/** What the service itself holds at the sites of those who see to it, on every page until two persons have ended it. */
export function ServiceHolds({ session }: { readonly session: Session }) {
  const { value: holds = [], reload } = useQuery(ask, about);
  const { problem, isBusy, run } = useAction();
  const nameOf = useNames(session);
  const change = (send: () => Promise<void>) =>
    void run(async () => {
      await send();
      await reload();
    }, reload);
  return (
    <>
      {problem !== undefined && <ProblemNotice message={problem} />}
      {holds.map((hold) => (
        <section key={`${hold.site} ${hold.id}`} className="notice bad">
          <p role="alert">
            {words(`serviceHold.${hold.cause}`, { site: hold.site, id: hold.id, when: time(hold.until) })}
          </p>
          <End
            hold={hold}
            session={session}
            nameOf={nameOf}
            isBusy={isBusy}
            onPropose={(reason) => change(() => proposeEnd(hold, reason))}
            onConfirm={(version) => change(() => confirmEnd(hold, version))}
          />
        </section>
      ))}
    </>
  );
}

interface EndProps {
  readonly hold: ServiceHold;
  readonly session: Session;
  readonly nameOf: (id: string) => string;
  readonly isBusy: boolean;
  readonly onPropose: (reason: string) => void;
  readonly onConfirm: (version: number) => void;
}

function End({ hold: { site, cause, proposal }, session, nameOf, isBusy, onPropose, onConfirm }: EndProps) {
  const [mayPropose, mayConfirm] = endedBy[cause].map((wanted) =>
    session.roles.some((role) => wanted.includes(role)),
  );
  const propose = mayPropose && (
    <ReasonButton
      name={words('serviceHold.end')}
      title={words('serviceHold.end.title', { site })}
      onSend={onPropose}
    />
  );
  if (proposal === undefined) return propose;
  const { by, at, version, terms } = proposal;
  const isOwn = by === session.person?.id;
  return (
    <>
      <p role="status">
        {words('serviceHold.proposed', { name: nameOf(by), when: time(at), reason: terms.reason })}
      </p>
      {(isOwn || !mayConfirm) && <p>{words(`serviceHold.waits.${cause}`)}</p>}
      {/* a supervisor alone at the site cannot confirm what they proposed, but what an administrator proposes */}
      {!isOwn && !mayConfirm && propose}
      {!isOwn && mayConfirm && (
        <Button className="button main" isDisabled={isBusy} onPress={() => onConfirm(version)}>
          {words('serviceHold.confirm')}
        </Button>
      )}
    </>
  );
}
