interface Props {
  /** As `Rejected` has it: what it is in the language of the page, then what the service says of it. */
  readonly said: string;
  /** It came while nothing was pressed, so it interrupts nobody. */
  readonly isQuiet?: boolean;
}

/** Why something was rejected: first in the language of the page, then the words of the service, which are English. */
export function Trouble({ said, isQuiet = false }: Props) {
  return (
    <p className="notice bad" role={isQuiet ? undefined : 'alert'}>
      <TroubleWords said={said} />
    </p>
  );
}

/** The same inside of another line. */
export function TroubleWords({ said }: Pick<Props, 'said'>) {
  const [title, ...detail] = said.split('\n');
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
