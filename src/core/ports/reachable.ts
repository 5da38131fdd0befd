/** A store that may be away. */
export interface Reachable {
  /** @throws NII_STORE_AWAY or NII_DATABASE_AWAY unless it answers and can be written */
  ready(): Promise<void>;
}
