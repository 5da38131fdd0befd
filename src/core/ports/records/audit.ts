import type { Actor, AuditedActor, Scope } from '../../access.ts';
import type { Page } from '../../page.ts';

export interface AuditEntry {
  readonly actor: Actor;
  /** view or change, then what: 'view scan', 'decide case'. */
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Of what it is about; without one, that of the actor, or of the scan, case or hold that the subject names. */
  readonly site?: string;
}

export interface AuditRow extends Omit<AuditEntry, 'site' | 'actor'> {
  readonly actor: AuditedActor;
  readonly seq: string;
  readonly at: string;
}

export interface Audit {
  // Who saw and did what: written with the act itself.
  audit(entry: AuditEntry): Promise<void>;

  /** Whether a person under one of these ids has asked for samples or files of the image of a scan. */
  hasOpenedImage(scope: Scope, scanId: string, ids: readonly string[]): Promise<boolean>;

  /**
   * The latest time that the newest rows name, of those after the last row with this action; undefined without any.
   * They are few enough to be read at each start.
   */
  latestAuditTime(after: string): Promise<Date | undefined>;

  /** The number of the newest row of the service itself with this action; undefined without one. */
  newestOfService(action: string): Promise<string | undefined>;

  auditTrail(scope: Scope, limit: number, cursor?: string): Promise<Page<AuditRow>>;
}

/** The audit is as strong as the rights of those who write it. */
export interface AuditProtection {
  /** Whether the role by which this process uses the records could change or remove rows of the audit. */
  mayRewriteAudit(): Promise<boolean>;
}

/** All seals before this one were sent with their rows, and of this one the rows up to `seq`. */
export interface StreamPosition {
  readonly seal: number;
  readonly seq: number;
}

/** How far the audit was streamed. */
export interface AuditStreaming {
  /** From where to go on; the first seal where nothing was kept. */
  streamPosition(): Promise<StreamPosition>;
  /** Keeps it, unless one further on is kept. */
  keepStreamPosition(position: StreamPosition): Promise<void>;
  /** The highest row that was sent, for those who ask how far behind the stream is. */
  noteStreamed(seq: number): Promise<void>;
}
