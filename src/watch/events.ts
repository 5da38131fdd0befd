import type { SentScan } from './journal.ts';
import type { WatchStatus } from './status.ts';

/** What a watcher tells while it works. */
export type WatchEvent =
  | { readonly event: 'started'; readonly folder: string; readonly stateDir: string }
  | {
      readonly event: 'sent';
      readonly group: string;
      readonly files: readonly string[];
      readonly bytes: number;
      readonly ms: number;
      readonly scans: readonly SentScan[];
      /** The small files of a scan whose large ones follow. */
      readonly ahead: boolean;
    }
  | { readonly event: 'same'; readonly files: readonly string[]; readonly group: string }
  | {
      readonly event: 'quarantined';
      readonly file: string;
      readonly code: string;
      readonly detail: string;
      readonly reason: string;
    }
  | { readonly event: 'put-off'; readonly group: string; readonly reason: string; readonly retryInMs: number }
  | { readonly event: 'away'; readonly reason: string; readonly retryInMs: number }
  | { readonly event: 'blocked'; readonly reason: string; readonly retryInMs: number }
  | { readonly event: 'back' }
  | { readonly event: 'folder-away'; readonly reason: string }
  | { readonly event: 'not-moved'; readonly file: string; readonly reason: string }
  | { readonly event: 'heartbeat' | 'stopped'; readonly status: WatchStatus };

export type Report = (event: WatchEvent) => void;
