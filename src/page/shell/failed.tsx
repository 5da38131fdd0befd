import { Component, type ReactNode } from 'react';
import { words } from '../words/words.ts';
import { Trouble } from './trouble.tsx';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly detail: string | undefined;
}

/** A fault of the page is said in words, and what she wrote is kept; an empty page would say nothing. */
export class SayFailures extends Component<Props, State> {
  override state: State = { detail: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { detail: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { detail } = this.state;
    if (detail === undefined) return this.props.children;
    return (
      <main className="centre">
        <Trouble said={words('app.error', { detail })} />
        <a className="button" href={window.location.pathname}>
          {words('app.retry')}
        </a>
      </main>
    );
  }
}
