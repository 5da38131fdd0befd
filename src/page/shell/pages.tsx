import type { ReactNode } from 'react';
import { words } from '../words/words.ts';
import { ProblemNotice, ProblemText } from './problem.tsx';

/** Frames of pages that wait for a response. */

interface WaitingPageProps {
  /** Why there is nothing to show; undefined while it loads. */
  readonly problem: string | undefined;
  /** A way back. */
  readonly children?: ReactNode;
}

/** In place of a page whose content is not there. */
export function WaitingPage({ problem, children }: WaitingPageProps) {
  return (
    <main className="centre">
      <p className={problem === undefined ? 'quiet' : 'notice bad'}>
        {problem === undefined ? words('app.loading') : <ProblemText message={problem} />}
      </p>
      {children}
    </main>
  );
}

interface ListPageProps<Item> {
  readonly title: string;
  /** Between the title and the list. */
  readonly lead?: ReactNode;
  readonly items: readonly Item[] | undefined;
  readonly problem: string | undefined;
  /** Says that the list is empty. */
  readonly none: string;
  readonly keyOf: (item: Item) => string;
  readonly row: (item: Item) => ReactNode;
  /** Below the list. */
  readonly children?: ReactNode;
}

/** A page that is one list. */
export function ListPage<Item>({ items, problem, keyOf, row, ...page }: ListPageProps<Item>) {
  return (
    <main className="list">
      <h1>{page.title}</h1>
      {page.lead}
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      {items === undefined && problem === undefined && <p className="quiet">{words('app.loading')}</p>}
      {items?.length === 0 && <p className="quiet">{page.none}</p>}
      <ul className="rows">
        {items?.map((item) => (
          <li key={keyOf(item)}>{row(item)}</li>
        ))}
      </ul>
      {page.children}
    </main>
  );
}
