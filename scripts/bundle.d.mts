/** The readers of the packages that are built in, as name and source. */
export function readers(): readonly (readonly [name: string, source: string])[];

/** Folder of the bundle of the sources as they are now; of these entries, by name and source, instead of ours. */
export function cachedBundle(given?: Readonly<Record<string, string>>): Promise<string>;

/** What the bundle leaves outside: native code, WebAssembly and what reads files of its own. */
export const external: readonly string[];
