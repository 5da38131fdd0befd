/** Folder of the bundle of the sources as they are now; of these entries, by name and source, instead of ours. */
export function cachedBundle(given?: Readonly<Record<string, string>>): Promise<string>;
