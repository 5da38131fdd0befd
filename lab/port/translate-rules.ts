/** Changes of rules. What lets more pass is said here by the safety case alone (principle 5). */
import { isObject, type Json, listAt, objectAt } from '../http-fuzz/json.ts';
import { toBy } from './cast.ts';
import type { By, Event, HeldByHand } from './history.ts';
import type { Taken } from './taken.ts';
import type { Request } from './world.ts';

interface Document {
  readonly url: string;
  readonly site: string;
}

function documentOf({ request, values, world }: Taken): Document {
  const [main = ''] = world.plan.sites;
  if (request.operation.endsWith('Policy')) return { url: '/v1/policy', site: main };
  const site = values.site ?? main;
  if ('scanner' in values) return { url: `/v1/scanners/${site}/${values.scanner}`, site };
  return { url: `/v1/sites/${site}`, site };
}

/** Compares what is in force now with what was, and says who agreed. */
export async function ruleEvents(taken: Taken): Promise<readonly Event[]> {
  const { world, base } = taken;
  const { url, site } = documentOf(taken);
  const { json } = await world.get('administrator', url);
  const before = world.rules.get(url);
  world.rules.set(url, json);
  const agreed = whoAgreed(taken, json);
  const { at, accepted } = base;
  const common = { at, accepted, site, ...agreed } as const;
  const loosened = (what: string): Event => ({ ...common, kind: 'loosened', what, inForce: true });
  if ('scanner' in taken.values) return looserClock(before, json).map(loosened);
  const [old, terms] = [objectAt(before, 'terms'), objectAt(json, 'terms')];
  return [...looserTerms(old, terms).map(loosened), ...pairsIn(taken, terms, agreed)];
}

/** A confirmation is in force with the proposer and the one who confirms it; else one person decided. */
function whoAgreed({ world, request, base }: Taken, json: unknown): { by: By; confirmedBy?: By } {
  if (!request.operation.startsWith('confirm')) return { by: base.by };
  const named = isObject(json) ? world.memberOf(String(json.proposedBy)) : undefined;
  const proposer = named === undefined ? world.proposers.get(documentPathOf(request)) : toBy(named);
  return { by: proposer ?? base.by, confirmedBy: base.by };
}

/** Some documents do not name who proposed what is in force. */
export function noteProposer({ world, request, answer, base }: Taken): void {
  if (answer.status === 202) world.proposers.set(documentPathOf(request), base.by);
}

const documentPathOf = ({ url }: Request): string => url.replace(/\/confirmation$/, '');

const numberIn = (value: Json, key: string): number | undefined =>
  typeof value[key] === 'number' ? value[key] : undefined;

/** A clock that is read otherwise may move an alarm away from its vehicle. */
function looserClock(before: unknown, now: unknown): string[] {
  const [old, said] = [isObject(before) ? before : {}, isObject(now) ? now : {}];
  const offset = numberIn(said, 'clockOffsetSeconds') ?? 0;
  const changed = offset !== (numberIn(old, 'clockOffsetSeconds') ?? 0) ? ['the clock of a scanner'] : [];
  return said.zone !== undefined && said.zone !== old.zone ? [...changed, 'the zone of a scanner'] : changed;
}

const shorterIs = ['alarmWindowMinutes', 'undoWindowSeconds'] as const;

/** A site that is not live moves nobody; two persons agree to all its terms when it goes live. */
function looserTerms(old: Json, terms: Json): string[] {
  if (old.mode === 'parallel') return [];
  const shorter = shorterIs.filter((key) => {
    const [was, is] = [numberIn(old, key), numberIn(terms, key)];
    return was !== undefined && is !== undefined && is < was;
  });
  const zone = terms.zone !== undefined && terms.zone !== old.zone ? ['the zone of a site'] : [];
  return [...shorter, ...zone];
}

/** Pairs of the true lanes of the port: a portal and a scanner of one number. */
function pairsIn({ base, values, world }: Taken, terms: Json, agreed: { by: By; confirmedBy?: By }): Event[] {
  const { at, accepted } = base;
  const site = values.site ?? world.plan.sites[0] ?? '';
  return listAt(terms, 'windows').flatMap((pair): Event[] => {
    const portalLane = objectAt(pair, 'portal').lane;
    const { scanner, fromSeconds, toSeconds } = isObject(pair) ? pair : {};
    if (typeof portalLane !== 'string' || typeof fromSeconds !== 'number' || typeof toSeconds !== 'number')
      return [];
    const scannerLane = String(scanner).replace(/^.*scanner-/, 'lane-');
    return [
      { at, accepted, kind: 'paired', site, portalLane, scannerLane, fromSeconds, toSeconds, ...agreed },
    ];
  });
}

/** Compares the hold by hand that is in force with the one before, and says who held the vehicle or let it go. */
export async function handHoldEvents({ world, values, base, request }: Taken): Promise<readonly Event[]> {
  const { site = '', kind, mark: written = '' } = values;
  const url = `/v1/sites/${site}/vehicle-holds/${kind}/${encodeURIComponent(written)}`;
  const { json } = await world.get('administrator', url);
  const mark = String(objectAt(json, 'mark').value);
  const key = `${site} ${kind} ${mark}`;
  const version = isObject(json) ? json.version : undefined;
  if (version === undefined || version === world.rules.get(key)) return [];
  world.rules.set(key, version);
  const proposer = isObject(json) ? world.memberOf(String(json.proposedBy)) : undefined;
  const isAgreed = request.operation.startsWith('confirm') && proposer !== undefined;
  const { at, accepted, by } = base;
  const common = { at, accepted, site, mark } as const;
  const agreeing = isAgreed ? [by, toBy(proposer)] : [by];
  const open = openHandHolds(world.events).filter((set) => set.site === site && set.mark === mark);
  const { isHeld, until } = objectAt(json, 'terms');
  const ended = isHeld === true && !isAgreed ? [] : open;
  return [
    ...ended.map((set): Event => {
      const other = agreeing.find(({ person }) => person !== set.by.person) ?? by;
      return { ...common, kind: 'hand-hold-ended', by: other, hold: set.hold };
    }),
    ...(isHeld === true ? [heldBy({ ...common, by, hold: `${key} ${version}` }, until)] : []),
  ];

  function heldBy(hold: Omit<HeldByHand, 'kind'>, end: unknown): Event {
    return {
      ...hold,
      kind: 'held-by-hand',
      ...(typeof end === 'string' ? { until: world.second(end) } : {}),
    };
  }
}

const openHandHolds = (events: readonly Event[]): readonly HeldByHand[] =>
  events.filter(
    (event): event is HeldByHand =>
      event.kind === 'held-by-hand' &&
      !events.some((other) => other.kind === 'hand-hold-ended' && other.hold === event.hold),
  );

/** What counts of a check-in now; and whether something of it was taken off, and by whom. */
export async function checkInEvents(taken: Taken, id: string): Promise<readonly Event[]> {
  const { world, base } = taken;
  const url = `/v1/check-ins/${id}`;
  const { json } = await world.get('administrator', url);
  if (!isObject(json)) return [];
  const before = objectAt(world.rules.get(url), 'counting');
  world.rules.set(url, json);
  const { at, accepted } = base;
  const [site, counting] = [String(json.site), objectAt(json, 'counting')];
  const marksIn = (value: Json) =>
    listAt(value, 'marks').map((mark) => String(objectAt({ mark }, 'mark').value));
  const controlsIn = (value: Json) => listAt(value, 'controls').map(String);
  const [marks, controls] = [marksIn(counting), controlsIn(counting)];
  const isLess =
    marksIn(before).some((mark) => !marks.includes(mark)) ||
    controlsIn(before).some((control) => !controls.includes(control));
  const { by, confirmedBy = by } = whoAgreed(taken, json);
  const common = { at, accepted, site } as const;
  const looser: Event = {
    ...{ ...common, kind: 'loosened', what: 'a check-in', inForce: true, by },
    ...(confirmedBy.person === by.person ? {} : { confirmedBy }),
  };
  return [
    ...(isLess ? [looser] : []),
    {
      ...{ ...common, kind: 'expected', checkIn: id, marks },
      controls: controls.filter((one) => one === 'portal' || one === 'image'),
      ...{ from: world.second(String(counting.from)), to: world.second(String(counting.to)) },
    },
  ];
}

/** The gap after a restore is closed, or the clock confirmed, at one site. */
export function serviceHoldEvents({ world, values, answer, base, request }: Taken): readonly Event[] {
  const { cause } = isObject(answer.json) ? answer.json : {};
  const { at, accepted, by } = base;
  const proposer = world.proposers.get(documentPathOf(request));
  const common = { at, accepted, site: values.site ?? '' } as const;
  if (cause === 'clock')
    return [{ ...common, kind: 'clock-confirmed', by, ...(proposer && { confirmedBy: proposer }) }];
  return [proposer, by].flatMap((one): Event[] =>
    one === undefined ? [] : [{ ...common, kind: 'gap-closed', to: at, by: one }],
  );
}

/** What a scan is known by after somebody has corrected it. */
export function scanMarksEvents({ values, answer, base, request, world }: Taken): readonly Event[] {
  const marks = listAt(answer.json, 'counting').map((mark) => objectAt({ mark }, 'mark'));
  const valuesOf = (wanted: string) =>
    marks.filter(({ kind }) => kind === wanted).map(({ value }) => String(value));
  const [visit] = valuesOf('visit');
  const named = {
    containers: valuesOf('container'),
    plates: valuesOf('plate'),
    ...(visit === undefined ? {} : { visit }),
  };
  const { at, accepted, by } = base;
  const proposer = request.operation.startsWith('confirm')
    ? world.proposers.get(documentPathOf(request))
    : undefined;
  const agreed = proposer === undefined ? { by } : { by: proposer, confirmedBy: by };
  return [{ at, accepted, kind: 'marks-stated', scan: values.scanId ?? '', named, ...agreed }];
}
