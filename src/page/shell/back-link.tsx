import { goTo } from './location.ts';

interface Props {
  /** A list, as a path of the page. */
  readonly to: string;
  readonly words: string;
}

/** From one of a list back to the list. */
export function BackLink({ to, words }: Props) {
  return (
    <a
      className="button"
      href={to}
      onClick={(event) => {
        event.preventDefault();
        goTo(to);
      }}
    >
      {words}
    </a>
  );
}
