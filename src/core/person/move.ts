import { type Actor, actingAs } from '../access.ts';
import { defined } from '../defined.ts';

/** Who moves a case or a hold, and when. */
export interface Move {
  /** Id of a person, of the key of a machine, or system. */
  readonly actor: string;
  /** Other ids under which the same person acted. */
  readonly formerIds?: readonly string[];
  /** An administrator has said who the person is. */
  readonly isLinked?: boolean;
  /** Persons who created or linked this one in the last days. */
  readonly madeBy?: readonly string[];
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Drawn; the version of what it moves. */
  readonly tag?: string;
}

/** After so long others have seen a new person at work. */
const MADE_MS = 7 * 86_400_000;

/** Of what happens by itself. */
export function systemMove(at: Date): Move {
  return { actor: 'system', at: at.toISOString(), tag: newTag() };
}

/** 48 random bits: who reads a case with it cannot tell how often it moved. */
export function newTag(): string {
  return crypto.randomUUID().slice(-12);
}

export function moveOf(actor: Actor, at: Date): Move {
  const { formerIds, isLinked, madeBy: makers = [] } = actor.person ?? {};
  const recent = makers.filter((maker) => at.getTime() - Date.parse(maker.at) < MADE_MS).map(({ by }) => by);
  const madeBy = recent.length === 0 ? undefined : recent;
  const move = { actor: actingAs(actor), at: at.toISOString(), tag: newTag() };
  return { ...move, ...defined({ formerIds, isLinked, madeBy }) };
}

/** Whether what was done under this id was done by the same person. */
export function isBy({ actor, formerIds = [] }: Pick<Move, 'actor' | 'formerIds'>, id: string): boolean {
  return actor === id || formerIds.includes(id);
}

/**
 * Whether this is surely somebody else than who acted under the id: whom nobody has linked may be the same person, and
 * whom that person has created or linked in the last days speaks for them.
 */
export function isOther(
  move: Pick<Move, 'actor' | 'formerIds' | 'isLinked' | 'madeBy'>,
  id: string,
): boolean {
  return move.isLinked === true && !isBy(move, id) && move.madeBy?.includes(id) !== true;
}
