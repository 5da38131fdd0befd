/**
 * Arguments of Node with which memory is collected in one go, in 10 to 20 ms, and not beside the work. V8 marks all that is held
 * whenever 64 MiB of buffers were made, which for a scan of 25 MB is seven times; marked beside the work it took a
 * quarter of a worker's processor time on two cores. Decision 45 has the figures; the launcher in scripts/build.mjs
 * has the same.
 */
export const WHOLE_COLLECTIONS = ['--no-concurrent-marking', '--no-incremental-marking'] as const;
