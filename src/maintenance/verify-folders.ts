import { type LooseEntry, looseIn } from '../runtime/private-folder.ts';

/** The folders of a service that nobody else may read, and how they were found. */
export interface PrivateFolders {
  /** Everything in these is the service's own, at any depth. */
  readonly trees: readonly string[];
  /** Folders that were open to others when the service opened them, which closed them. */
  readonly wereOpen: readonly LooseEntry[];
}

/** Enough to see what is wrong; the number of all is told beside them. */
const NAMED = 1000;

export interface LooseFound {
  readonly count: number;
  /** The first thousand. */
  readonly entries: readonly LooseEntry[];
}

/** Everything that other users of the machine can read or change, those that have just been closed among them. */
export async function verifyFolders({ trees, wereOpen }: PrivateFolders): Promise<LooseFound> {
  const entries = [...wereOpen];
  let count = entries.length;
  for (const tree of trees) {
    for await (const entry of looseIn(tree)) {
      count += 1;
      if (entries.length < NAMED) entries.push(entry);
    }
  }
  return { count, entries };
}
