import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, bodyOf, type Session, type VehicleHold } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Form, TextField } from '../shell/form.tsx';
import { goTo } from '../shell/location.ts';
import { PageLink } from '../shell/page-link.tsx';
import { ListPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';
import { markFrom, vehiclePath } from './address.ts';

const about = ['vehicle-hold'] as const;
const nothing: readonly VehicleHold[] = [];

async function fetchFirstSite(): Promise<string> {
  const { items } = bodyOf(await api.GET('/v1/sites', { params: { query: { limit: 1 } } }));
  return items[0]?.site ?? '';
}

/** Finds a vehicle by its number, and lists those that people of the site hold by hand. */
export function FindVehicle({ session }: { readonly session: Session }) {
  const isOfOneSite = session.site !== '*';
  const { value: first = '' } = useQuery(fetchFirstSite);
  const [written, write] = useState<string>();
  const site = isOfOneSite ? session.site : (written ?? first);
  const ask = useCallback(async () => {
    if (site === '') return nothing;
    return bodyOf(await api.GET('/v1/sites/{site}/vehicle-holds', { params: { path: { site } } })).items;
  }, [site]);
  const { value, problem } = useQuery(ask, about);
  return (
    <ListPage
      title={words('place.vehicles')}
      lead={
        <>
          {!isOfOneSite && <TextField label={words('vehicle.find.site')} value={site} onChange={write} />}
          <FindForm site={site} isFirst />
          <h2>{words('vehicle.stops', { site })}</h2>
        </>
      }
      items={value}
      problem={problem}
      none={words(site === '' ? 'vehicle.stops.noSite' : 'vehicle.stops.none')}
      keyOf={({ mark }) => `${mark.kind} ${mark.value}`}
      row={(hold) => <HeldVehicle hold={hold} />}
    />
  );
}

/** Enter shows the vehicle. */
export function FindForm({ site, isFirst = false }: { readonly site: string; readonly isFirst?: boolean }) {
  const [text, setText] = useState('');
  const { mark } = markFrom(text);
  const show = () => {
    if (site !== '' && mark !== '') goTo(vehiclePath({ site, ...markFrom(text) }));
  };
  return (
    <Form className="find" onSubmit={show}>
      <TextField label={words('vehicle.find')} value={text} isFirst={isFirst} onChange={setText} />
      <Button className="button" type="submit" isDisabled={site === '' || mark === ''}>
        {words('vehicle.find.show')}
      </Button>
    </Form>
  );
}

function HeldVehicle({ hold }: { readonly hold: VehicleHold }) {
  const { site, mark, terms, at, proposal } = hold;
  return (
    <PageLink to={vehiclePath({ site, kind: mark.kind, mark: mark.value })}>
      <strong>{words(`vehicle.title.${mark.kind}`, { mark: mark.value })}</strong>
      <span>{terms.reason}</span>
      <span className="quiet">
        {at !== undefined && words('radiation.opened', { when: time(at) })}
        {terms.until !== undefined && `, ${words('vehicle.says.until', { value: time(terms.until) })}`}
      </span>
      {proposal !== undefined && <span className="late">{words('vehicle.stops.waits')}</span>}
    </PageLink>
  );
}
