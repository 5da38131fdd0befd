import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { holdsAt, type VehicleHoldTerms } from '../../core/rules/vehicle-hold.ts';
import { useAction } from '../api/action.ts';
import { api, type Session, type VehicleHold, type Versioned, versionedFrom } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Form, TextField, TimeField } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonButton } from '../shell/reason-dialog.tsx';
import { time, words } from '../words/words.ts';
import type { VehicleAddress } from './address.ts';

interface Props {
  readonly address: VehicleAddress;
  readonly session: Session;
  readonly nameOf: (id: string) => string;
  readonly onChanged: () => Promise<void>;
}

const about = ['vehicle-hold'] as const;

/** The hold as it was last seen, and the moves that change it. */
function useHandHold({ site, kind, mark }: VehicleAddress, onChanged: () => Promise<void>) {
  const ask = useCallback(async () => {
    const params = { path: { site, kind, mark } };
    return versionedFrom(await api.GET('/v1/sites/{site}/vehicle-holds/{kind}/{mark}', { params }));
  }, [site, kind, mark]);
  const { value: seen, problem, replace, reload } = useQuery(ask, about);
  const { problem: rejected, run } = useAction();
  const send = (move: (tag: string) => Promise<Versioned<VehicleHold>>) =>
    run(async () => {
      if (seen === undefined) return;
      replace(await move(seen.tag));
      await onChanged();
    }, reload);
  const params = (tag: string) => ({ path: { site, kind, mark }, header: { 'if-match': tag } });
  const put = (body: VehicleHoldTerms) =>
    send(async (tag) =>
      versionedFrom(
        await api.PUT('/v1/sites/{site}/vehicle-holds/{kind}/{mark}', { params: params(tag), body }),
      ),
    );
  const confirm = () =>
    send(async (tag) =>
      versionedFrom(
        await api.POST('/v1/sites/{site}/vehicle-holds/{kind}/{mark}/confirmation', {
          params: params(tag),
          body: {},
        }),
      ),
    );
  return { hold: seen?.value, said: problem ?? rejected, put, confirm };
}

/** One person holds a vehicle at once; to let it go one proposes and another confirms. */
export function HandHold({ address, session, nameOf, onChanged }: Props) {
  const { hold, said, put, confirm } = useHandHold(address, onChanged);
  const isHeld = hold !== undefined && holdsAt(hold.terms, new Date());
  return (
    <section aria-label={words('vehicle.hand')}>
      <h2>{words('vehicle.hand')}</h2>
      {said !== undefined && <ProblemNotice message={said} />}
      {hold !== undefined && !isHeld && <HoldForm onHold={(terms) => void put(terms)} />}
      {isHeld && (
        <Held
          hold={hold}
          person={session.person?.id}
          nameOf={nameOf}
          onLetGo={(reason) => void put({ isHeld: false, reason })}
          onConfirm={() => void confirm()}
        />
      )}
    </section>
  );
}

function HoldForm({ onHold }: { readonly onHold: (terms: VehicleHoldTerms) => void }) {
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const hold = () => {
    const end = until === '' ? {} : { until: new Date(until).toISOString() };
    if (reason.trim() !== '') onHold({ isHeld: true, reason: reason.trim(), ...end });
  };
  return (
    <>
      <p className="quiet">{words('vehicle.hand.none')}</p>
      <Form className="find" onSubmit={hold}>
        <TextField label={words('vehicle.hand.reason')} value={reason} onChange={setReason} />
        <TimeField label={words('vehicle.hand.until')} value={until} onChange={setUntil} />
        <Button className="button main" type="submit" isDisabled={reason.trim() === ''}>
          {words('vehicle.hand.hold')}
        </Button>
      </Form>
    </>
  );
}

interface HeldProps {
  readonly hold: VehicleHold;
  readonly person: string | undefined;
  readonly nameOf: (id: string) => string;
  readonly onLetGo: (reason: string) => void;
  readonly onConfirm: () => void;
}

function Held({ hold, person, nameOf, onLetGo, onConfirm }: HeldProps) {
  const { terms, at = '', by = '', proposal, mark } = hold;
  return (
    <>
      <p className="notice bad">
        {words('vehicle.hand.held', { when: time(at), name: nameOf(by), reason: terms.reason })}
      </p>
      <p className="quiet">
        {terms.until === undefined
          ? words('vehicle.hand.stays')
          : words('vehicle.hand.ends', { when: time(terms.until) })}
      </p>
      {proposal === undefined ? (
        <ReasonButton
          name={words('vehicle.hand.letGo')}
          title={words('vehicle.hand.letGo.title', { mark: mark.value })}
          onSend={onLetGo}
        />
      ) : (
        <p className="notice" role="status">
          {words('vehicle.hand.proposed', {
            name: nameOf(proposal.by),
            when: time(proposal.at),
            reason: proposal.terms.reason,
          })}
        </p>
      )}
      {proposal !== undefined &&
        (proposal.by === person ? (
          <p className="quiet">{words('vehicle.hand.waits')}</p>
        ) : (
          <Button className="button main" onPress={onConfirm}>
            {words('vehicle.hand.confirm')}
          </Button>
        ))}
    </>
  );
}
