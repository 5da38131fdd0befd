/** Changes of rules. What lets more pass is said here by the safety case alone (principle 5). */
import { isObject, type Json, listAt, objectAt } from '../http-fuzz/json.ts';
import { toBy } from './cast.ts';
import type { By, Event } from './history.ts';
import type { Taken } from './taken.ts';

interface Document {
  readonly url: string;
  readonly site: string;
}

function documentOf({ request, values, world }: Taken): Document {
  const [main = ''] = world.plan.sites;
  if (request.operation.endsWith('Policy')) return { url: '/v1/policy', site: main };
  const site = values.site ?? main;
  if (request.operation === 'registerScanner') return { url: `/v1/scanners/${site}/${values.scanner}`, site };
  return { url: `/v1/sites/${site}`, site };
}

/** Compares what is in force now with what was, and says who agreed. */
export async function ruleEvents(taken: Taken): Promise<readonly Event[]> {
  const { world, request, base } = taken;
  const { url, site } = documentOf(taken);
  const { json } = await world.get('administrator', url);
  const before = world.rules.get(url);
  world.rules.set(url, json);
  const agreed = whoAgreed(taken, json);
  const { at, accepted } = base;
  const common = { at, accepted, site, ...agreed } as const;
  const loosened = (what: string): Event => ({ ...common, kind: 'loosened', what, inForce: true });
  if (request.operation === 'registerScanner') return looserClock(before, json).map(loosened);
  const [old, terms] = [objectAt(before, 'terms'), objectAt(json, 'terms')];
  return [...looserTerms(old, terms).map(loosened), ...pairsIn(taken, terms, agreed)];
}

/** A confirmation is in force with the proposer and the one who confirms it; else one person decided. */
function whoAgreed({ world, request, base }: Taken, json: unknown): { by: By; confirmedBy?: By } {
  if (!request.operation.startsWith('confirm')) return { by: base.by };
  const proposer = isObject(json) ? world.memberOf(String(json.proposedBy), 'administrator') : undefined;
  return { by: proposer === undefined ? base.by : toBy(proposer), confirmedBy: base.by };
}

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

function looserTerms(old: Json, terms: Json): string[] {
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
