import type { Role } from '../../core/access.ts';
import type { Session } from '../api/client.ts';
import { words } from '../words/words.ts';
import { routeOf } from './location.ts';
import { PageLink } from './page-link.tsx';

/** Sections of the page in the order of their links; each has the path of its name. */
const sections = [
  'queue',
  'decided',
  'room',
  'expected',
  'measures',
  'searches',
  'radiation',
  'reasons',
  'vehicles',
  'proposals',
] as const;
type Section = (typeof sections)[number];

type Roles = Pick<Session, 'roles'>;

/** Where each role works; the service decides what it may do there. */
const sectionsOfRole: Readonly<Record<Role, readonly Section[]>> = {
  scanner: [],
  lane: [],
  analyst: ['queue', 'decided'],
  supervisor: [
    'queue',
    'decided',
    'room',
    'expected',
    'measures',
    'searches',
    'radiation',
    'vehicles',
    'proposals',
  ],
  searcher: ['searches'],
  auditor: [],
  'data-scientist': [],
  peer: [],
  administrator: ['reasons', 'vehicles', 'proposals'],
  'radiation-officer': ['radiation', 'vehicles', 'proposals'],
};

/** The sections of a person, the one where work begins first. */
export function sectionsOf({ roles }: Roles): readonly Section[] {
  const own = new Set(roles.flatMap((role) => sectionsOfRole[role]));
  return sections.filter((section) => own.has(section));
}

/** The section of a path, if it is one of this person; `/` is the first. */
export function sectionAt(session: Roles, path: string): Section | undefined {
  const own = sectionsOf(session);
  if (path === '/') return own[0];
  const { section } = routeOf(path);
  return own.find((one) => one === (section === 'case' ? 'queue' : section));
}

/** The title of the window at a path. */
export function titleAt(session: Roles, path: string): string {
  if (routeOf(path).section === 'case') return words('case.one');
  return words(`place.${sectionAt(session, path) ?? 'all'}`);
}

/** Links between the sections of a person; none if there is only one. */
export function SectionLinks({ session, path }: { readonly session: Session; readonly path: string }) {
  const own = sectionsOf(session);
  const here = sectionAt(session, path);
  if (own.length < 2) return null;
  return (
    <nav className="places" aria-label={words('place.all')}>
      {own.map((section) => (
        <PageLink key={section} to={`/${section}`} isCurrent={section === here}>
          {words(`place.${section}`)}
        </PageLink>
      ))}
    </nav>
  );
}
