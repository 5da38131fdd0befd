import type { ReactNode } from 'react';
import { goTo } from './location.ts';

interface Props {
  /** A path of the page. */
  readonly to: string;
  readonly className?: string;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}

/** A link within the page, which opens without a reload. */
export function PageLink({ to, className, isCurrent = false, children }: Props) {
  return (
    <a
      className={className}
      href={to}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        event.preventDefault();
        goTo(to);
      }}
    >
      {children}
    </a>
  );
}
