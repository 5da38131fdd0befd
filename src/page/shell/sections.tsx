import type { Session } from '../api/client.ts';
import { type WordKey, words } from '../words/words.ts';
import { goTo, routeOf } from './location.ts';

type Role = Session['roles'][number];
type SectionName = 'queue' | 'decided' | 'room' | 'measures' | 'searches' | 'radiation' | 'reasons';

interface Section {
  readonly name: SectionName;
  readonly path: string;
  /** Who works there; the service decides what each may do. */
  readonly roles: readonly Role[];
  readonly title: WordKey;
  /** First parts of the addresses that belong to it. */
  readonly holds: readonly string[];
}

const sections: readonly Section[] = [
  {
    name: 'queue',
    path: '/queue',
    roles: ['analyst', 'supervisor'],
    title: 'place.queue',
    holds: ['queue', 'case'],
  },
  {
    name: 'decided',
    path: '/decided',
    roles: ['analyst', 'supervisor'],
    title: 'place.decided',
    holds: ['decided'],
  },
  { name: 'room', path: '/room', roles: ['supervisor'], title: 'place.room', holds: ['room'] },
  {
    name: 'measures',
    path: '/measures',
    roles: ['supervisor'],
    title: 'place.measures',
    holds: ['measures'],
  },
  {
    name: 'searches',
    path: '/searches',
    roles: ['searcher', 'supervisor'],
    title: 'place.searches',
    holds: ['searches'],
  },
  {
    name: 'radiation',
    path: '/radiation',
    roles: ['radiation-officer', 'supervisor'],
    title: 'place.radiation',
    holds: ['radiation'],
  },
  {
    name: 'reasons',
    path: '/reasons',
    roles: ['administrator'],
    title: 'place.reasons',
    holds: ['reasons'],
  },
];

/** The places of a person, the one where work begins first. */
export function sectionsOf({ roles }: Pick<Session, 'roles'>): readonly Section[] {
  return sections.filter((place) => place.roles.some((role) => roles.includes(role)));
}

/** The place of an address, where it is one of this person; `/` is the first. */
export function sectionAt(session: Pick<Session, 'roles'>, path: string): SectionName | undefined {
  const own = sectionsOf(session);
  if (path === '/') return own[0]?.name;
  return own.find(({ holds }) => holds.includes(routeOf(path).section))?.name;
}

/** What the window is called at an address. */
export function titleAt(session: Pick<Session, 'roles'>, path: string): string {
  if (routeOf(path).section === 'case') return words('case.one');
  const here = sectionAt(session, path);
  return words(sections.find(({ name }) => name === here)?.title ?? 'place.all');
}

/** The ways between the places of a person; none where there is one place only. */
export function SectionLinks({ session, path }: { readonly session: Session; readonly path: string }) {
  const own = sectionsOf(session);
  const here = sectionAt(session, path);
  if (own.length < 2) return null;
  return (
    <nav className="places" aria-label={words('place.all')}>
      {own.map(({ name, path: to, title }) => (
        <a
          key={name}
          href={to}
          aria-current={name === here ? 'page' : undefined}
          onClick={(event) => {
            event.preventDefault();
            goTo(to);
          }}
        >
          {words(title)}
        </a>
      ))}
    </nav>
  );
}
