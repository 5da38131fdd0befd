import { Component, type ReactNode } from 'react';
import { words } from '../words/words.ts';
import { ProblemNotice } from './problem.tsx';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly detail: string | undefined;
}

/** Shows a fault of the page in words, with a way to reload; drafts stay in the browser. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { detail: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { detail: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { detail } = this.state;
    if (detail === undefined) return this.props.children;
    return (
      <main className="centre">
        <ProblemNotice message={words('app.error', { detail })} />
        <a className="button" href={window.location.pathname}>
          {words('app.retry')}
        </a>
      </main>
    );
  }
}
