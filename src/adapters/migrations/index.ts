import { initialSchema } from './0001-initial.ts';

/** Forward only, in order: the schema version is the number of those that have run. */
export const migrations: readonly string[] = [initialSchema];
