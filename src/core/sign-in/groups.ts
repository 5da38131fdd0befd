import { ANY_SITE, isRoleOfPeople, type Role, roles } from '../access.ts';
import { NiiError, orList } from '../errors.ts';
import { siteName } from '../keys.ts';

/** What somebody in a group of the identity provider is here. */
export interface GroupPlace {
  readonly roles: readonly Role[];
  readonly administration: string;
  /** A site, or ANY_SITE. */
  readonly site: string;
}

export type GroupMap = ReadonlyMap<string, GroupPlace>;

const MOST_GROUPS = 1_000;
const rolesOfPeople = roles.filter(isRoleOfPeople);

/**
 * The file of groups, as `{"analysts": {"roles": ["analyst"], "administration": "utopia", "site": "harbour"}}`.
 * @throws NII_CONFIG naming the wrong value and what is allowed
 */
export function readGroups(text: string): GroupMap {
  const parsed = parse(text);
  const entries = Object.entries(parsed);
  if (entries.length === 0 || entries.length > MOST_GROUPS)
    throw wrong(`${entries.length} groups: name 1 to ${MOST_GROUPS}`);
  return new Map(entries.map(([group, place]) => [group, placeIn(group, place)]));
}

function parse(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (cause) {
    throw wrong('it is not JSON', cause);
  }
  throw wrong('it is not an object: use {"GROUP": {"roles": […], "administration": "…", "site": "…"}}');
}

function placeIn(group: string, place: unknown): GroupPlace {
  const { roles: named, administration, site, ...others }: Record<string, unknown> = Object(place);
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw wrong(`field "${other}" of group "${group}": use roles, administration and site`);
  if (typeof administration !== 'string' || !siteName.test(administration))
    throw wrong(
      `administration ${shown(administration)} of group "${group}": use lower-case letters, digits and hyphens`,
    );
  if (typeof site !== 'string' || !(siteName.test(site) || site === ANY_SITE))
    throw wrong(
      `site ${shown(site)} of group "${group}": use lower-case letters, digits and hyphens, or * for all`,
    );
  return { roles: rolesIn(group, named), administration, site };
}

function rolesIn(group: string, named: unknown): readonly Role[] {
  if (!Array.isArray(named) || named.length === 0)
    throw wrong(`roles ${shown(named)} of group "${group}": use a list of ${orList(rolesOfPeople)}`);
  const unknown: unknown = named.find((role) => !rolesOfPeople.includes(role));
  if (unknown !== undefined)
    throw wrong(`role ${shown(unknown)} of group "${group}": use ${orList(rolesOfPeople)}`);
  return rolesOfPeople.filter((role) => named.includes(role));
}

function shown(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value).slice(0, 100);
}

function wrong(what: string, cause?: unknown): NiiError {
  return new NiiError('NII_CONFIG', { detail: `Invalid file of NII_OIDC_ROLES: ${what}`, cause });
}

/**
 * What somebody in these groups is. Groups that the file does not name say nothing.
 * @throws NII_SIGN_IN_FAILED where none says anything, or where they name more than one place: a right at one site is
 *   none at another
 */
export function placeOfGroups(groups: readonly string[], map: GroupMap): GroupPlace {
  const places = groups.flatMap((group) => map.get(group) ?? []);
  const [first, ...others] = places;
  if (first === undefined)
    throw new NiiError(
      'NII_SIGN_IN_FAILED',
      'None of your groups may use this service; ask an administrator for a group in NII_OIDC_ROLES',
    );
  const { administration, site } = first;
  if (others.some((one) => one.administration !== administration || one.site !== site))
    throw new NiiError(
      'NII_SIGN_IN_FAILED',
      `Your groups belong to several places (${placeNames(places)}); ask an administrator for groups of only one`,
    );
  return {
    roles: rolesOfPeople.filter((role) => places.some((one) => one.roles.includes(role))),
    administration,
    site,
  };
}

function placeNames(places: readonly GroupPlace[]): string {
  return [...new Set(places.map(({ administration, site }) => `${administration}/${site}`))].join(', ');
}
