import type { Fault, FaultKind } from './oracle.ts';
import type { FuzzRequest } from './request.ts';

/** A kind of fault, how often it was seen, and one request that shows it. */
export interface SeenFault {
  readonly kind: FaultKind;
  readonly detail: string;
  readonly count: number;
  /** Absent where no single request is to blame. */
  readonly example: Example | undefined;
}

export type Example =
  | { readonly kind: 'request'; readonly request: FuzzRequest }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

interface OperationTally {
  readonly count: number;
  /** Of all of its answers together. */
  readonly ms: number;
}

const KINDS_CEILING = 200;

/** What a run has seen so far. */
export class Tally {
  requests = 0;
  slowestMs = 0;
  readonly statuses = new Map<number, number>();
  readonly operations = new Map<string, OperationTally>();
  readonly #faults = new Map<string, SeenFault>();

  count(operation: string, status: number, milliseconds: number): void {
    this.requests += 1;
    this.slowestMs = Math.max(this.slowestMs, milliseconds);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const { count, ms } = this.operations.get(operation) ?? { count: 0, ms: 0 };
    this.operations.set(operation, { count: count + 1, ms: ms + milliseconds });
  }

  /** True where this is the first of its kind. */
  blame({ kind, detail }: Fault, example: Example | undefined): boolean {
    const name = `${kind} ${detail}`;
    const seen = this.#faults.get(name);
    if (seen === undefined && this.#faults.size >= KINDS_CEILING) return false;
    this.#faults.set(name, {
      kind,
      detail,
      count: (seen?.count ?? 0) + 1,
      example: seen?.example ?? example,
    });
    return seen === undefined;
  }

  replaceExample({ kind, detail }: Fault, example: Example): void {
    const seen = this.#faults.get(`${kind} ${detail}`);
    if (seen !== undefined) this.#faults.set(`${kind} ${detail}`, { ...seen, example });
  }

  get faults(): readonly SeenFault[] {
    return [...this.#faults.values()];
  }
}
