interface Props {
  /** As `Rejected` has it: what it is in the language of the page, then what the service says of it. */
  readonly message: string;
  /** It came while nothing was pressed, so it interrupts nobody. */
  readonly isQuiet?: boolean;
}

/** Why something was rejected: first in the language of the page, then the words of the service, which are English. */
export function ProblemNotice({ message, isQuiet = false }: Props) {
  return (
    <p className="notice bad" role={isQuiet ? undefined : 'alert'}>
      <ProblemText message={message} />
    </p>
  );
}

/** The same inside of another line. */
export function ProblemText({ message }: Pick<Props, 'message'>) {
  const [title, ...detail] = message.split('\n');
  return (
    <>
      {title}
      {detail.length > 0 && (
        <span className="detail" lang="en">
          {detail.join(' ')}
        </span>
      )}
    </>
  );
}
