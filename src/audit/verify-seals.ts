import { HIGHEST_SEQ, type SeqRange, type StoredSeal } from '../core/ports/records/seals.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { LATE_SECONDS } from './seal.ts';
import { NO_SEAL, SealHash } from './seal-hash.ts';
import { gapsIn, mergeRanges, rangesOf, readRanges } from './seq-ranges.ts';

/** What is wrong; `first` and `last` are numbers of rows, or of seals where seals are gone. */
export interface AuditFault {
  readonly what: /** Or the time that its seal says. */
    | 'row changed'
    | 'row removed'
    | 'row added later'
    | 'seal changed'
    | 'seal removed'
    /** No seal after it tells which of the two. */
    | 'row or seal changed';
  /** The seal that shows it; of a row added later, the one before which it should have been there. */
  readonly seal: number;
  readonly first: number;
  readonly last: number;
}

/** What the audit is against its seals. */
export interface AuditVerification {
  readonly rows: number;
  readonly seals: number;
  readonly sealed: number;
  /** Younger than the newest seal, or of a transaction that ended after it. */
  readonly unsealed: number;
  /** To compare with the notes of witnesses, a SIEM or a backup: only that shows that the newest seals were removed. */
  readonly newest?: { readonly number: number; readonly sha256: string; readonly madeAt: string };
  readonly faults: readonly AuditFault[];
  /** Faults that are not named, as there are so many. */
  readonly more: number;
}

const SEALS_A_PAGE = 100;
const ROWS_A_PAGE = 1000;
const NAMED_FAULTS = 1000;

/**
 * Computes every seal of the audit anew and looks for rows that no seal covers, page by page.
 * May run beside a working service, and while it seals.
 */
export async function verifyAudit(
  records: Transactions<Tx<'auditSeals' | 'auditRowsIn' | 'countAuditRowsIn'>>,
  progress: (rows: number) => void = () => {},
): Promise<AuditVerification> {
  const walk = new SealWalk(records, progress);
  for await (const seal of storedSeals(records)) await walk.add(seal);
  return walk.end();
}

/** Every seal, page by page, in order. */
export async function* storedSeals(records: Transactions<Tx<'auditSeals'>>): AsyncGenerator<StoredSeal> {
  for (let after = 0; ; ) {
    const seals = await records.transaction((tx) => tx.auditSeals(after, SEALS_A_PAGE));
    yield* seals;
    const last = seals.at(-1);
    if (last === undefined) return;
    after = last.number;
  }
}

/** A seal with what was found in place of its rows. */
interface Examined {
  readonly seal: StoredSeal;
  /** Undefined if what it says cannot be read. */
  readonly covers: readonly SeqRange[] | undefined;
  readonly sha256: string | undefined;
  readonly missing: readonly SeqRange[];
  /** Whether what it says fits together, and with the seal before. */
  readonly fits: boolean;
}

class SealWalk {
  readonly #records: Transactions<Tx<'auditRowsIn' | 'countAuditRowsIn'>>;
  readonly #progress: (rows: number) => void;
  readonly #faults: AuditFault[] = [];
  #more = 0;
  #seals = 0;
  #sealed = 0;
  #added = 0;
  #last: Examined | undefined;
  /** Numbers of rows that seals cover, above the floor. */
  #covered: readonly SeqRange[] = [];
  /** No seal after the last one covers a row up to here. */
  #floor = 0;
  /** Of seals that may still raise the floor. */
  #young: Pick<StoredSeal, 'highest' | 'madeAt'>[] = [];

  constructor(
    records: Transactions<Tx<'auditRowsIn' | 'countAuditRowsIn'>>,
    progress: (rows: number) => void,
  ) {
    this.#records = records;
    this.#progress = progress;
  }

  async add(seal: StoredSeal): Promise<void> {
    const before = this.#last;
    if (seal.number !== (before?.seal.number ?? 0) + 1) this.#noteMissingSeals(before?.seal, seal);
    const examined = await this.#examine(seal, before?.seal);
    if (before !== undefined) this.#judge(before, examined);
    this.#last = examined;
    this.#seals += 1;
    this.#covered = mergeRanges([...this.#covered, ...(examined.covers ?? newNumbers(before?.seal, seal))]);
    await this.#raiseFloor(seal);
  }

  async end(): Promise<AuditVerification> {
    if (this.#last !== undefined) this.#judge(this.#last, undefined);
    await this.#findImpossible();
    const unsealed = await this.#count(gapsIn(this.#covered, this.#floor, HIGHEST_SEQ));
    return {
      rows: this.#sealed + unsealed + this.#added,
      seals: this.#seals,
      sealed: this.#sealed,
      unsealed,
      ...newestOf(this.#last?.seal),
      faults: this.#faults,
      more: this.#more,
    };
  }

  /** Their rows are nobody's now, and are not taken for rows that were added. */
  #noteMissingSeals(before: StoredSeal | undefined, seal: StoredSeal): void {
    const first = (before?.number ?? 0) + 1;
    this.#fault({ what: 'seal removed', seal: seal.number, first, last: seal.number - 1 });
    this.#covered = mergeRanges([...this.#covered, ...newNumbers(before, seal)]);
  }

  async #examine(seal: StoredSeal, before: StoredSeal | undefined): Promise<Examined> {
    const covers = readRanges(seal.covers);
    if (covers === undefined) return { seal, covers, sha256: undefined, missing: [], fits: false };
    const hash = new SealHash({ ...seal, covers });
    const found: SeqRange[] = [];
    let after = 0;
    for (;;) {
      const rows = await this.#records.transaction((tx) => tx.auditRowsIn(covers, after, ROWS_A_PAGE));
      for (const row of rows) hash.addRow(row);
      found.push(...rangesOf(rows.map(({ seq }) => seq)));
      this.#sealed += rows.length;
      this.#progress(this.#sealed);
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_A_PAGE) break;
      after = last.seq;
    }
    const fits = doesFit(seal, covers, before);
    return { seal, covers, sha256: hash.end(), missing: missingFrom(covers, found), fits };
  }

  /** What a seal is worth shows with the next one, which names its hash again. */
  #judge(one: Examined, after: Examined | undefined): void {
    const { seal } = one;
    const next = after?.seal.number === seal.number + 1 ? after : undefined;
    const [first, last] = boundsOf(one);
    for (const [from, to] of one.missing)
      this.#fault({ what: 'row removed', seal: seal.number, first: from, last: to });
    const what = one.missing.length > 0 ? undefined : changeOf(one, next);
    if (what !== undefined) this.#fault({ what, seal: seal.number, first, last });
  }

  /** Rows without a seal below the floor were not there when everything around them was sealed. */
  async #raiseFloor(seal: StoredSeal): Promise<void> {
    this.#young.push(seal);
    const since = secondsOf(seal.madeAt) - LATE_SECONDS;
    let floor = this.#floor;
    while (this.#young[0] !== undefined && secondsOf(this.#young[0].madeAt) < since)
      floor = Math.max(floor, this.#young.shift()?.highest ?? 0);
    if (floor === this.#floor) return;
    await this.#findAdded(gapsIn(this.#covered, this.#floor, floor), seal.number);
    this.#covered = this.#covered.filter(([, last]) => last > floor);
    this.#floor = floor;
  }

  async #findAdded(ranges: readonly SeqRange[], seal: number): Promise<void> {
    for (let after = 0; ; ) {
      const rows = await this.#records.transaction((tx) => tx.auditRowsIn(ranges, after, ROWS_A_PAGE));
      const last = rows.at(-1);
      if (last === undefined) return;
      this.#added += rows.length;
      for (const [first, to] of rangesOf(rows.map(({ seq }) => seq)))
        this.#fault({ what: 'row added later', seal, first, last: to });
      after = last.seq;
    }
  }

  /** Numbers that the database gives to no row. */
  async #findImpossible(): Promise<void> {
    const seal = this.#last?.seal.number ?? 0;
    const ranges: readonly SeqRange[] = [
      [Number.NEGATIVE_INFINITY, 0],
      [HIGHEST_SEQ + 1, Number.POSITIVE_INFINITY],
    ];
    for (const [first, last] of ranges) {
      const rows = await this.#count([[first, last]]);
      this.#added += rows;
      if (rows > 0) this.#fault({ what: 'row added later', seal, ...finite(first, last) });
    }
  }

  async #count(ranges: readonly SeqRange[]): Promise<number> {
    return this.#records.transaction((tx) => tx.countAuditRowsIn(ranges));
  }

  #fault(fault: AuditFault): void {
    if (this.#faults.length < NAMED_FAULTS) this.#faults.push(fault);
    else this.#more += 1;
  }
}

function changeOf(one: Examined, next: Examined | undefined): AuditFault['what'] | undefined {
  const { seal, sha256 } = one;
  if (sha256 === seal.sha256) {
    // made anew over other rows, while the next one still names what it was
    const isForged = next !== undefined && next.seal.previous !== sha256 && next.sha256 === next.seal.sha256;
    return isForged ? 'seal changed' : undefined;
  }
  if (!one.fits || next?.seal.previous === sha256) return 'seal changed';
  if (next?.seal.previous === seal.sha256) return 'row changed';
  return 'row or seal changed';
}

function doesFit(seal: StoredSeal, covers: readonly SeqRange[], before: StoredSeal | undefined): boolean {
  const rows = covers.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (seal.rows !== rows || rows === 0) return false;
  if (before !== undefined && before.number !== seal.number - 1) return true;
  const highest = Math.max(before?.highest ?? 0, covers.at(-1)?.[1] ?? 0);
  return seal.highest === highest && seal.previous === (before?.sha256 ?? NO_SEAL);
}

/** Numbers of rows that were new with this seal, whatever it covers. */
function newNumbers(before: StoredSeal | undefined, { highest }: StoredSeal): readonly SeqRange[] {
  const first = (before?.highest ?? 0) + 1;
  return first <= highest ? [[first, highest]] : [];
}

function boundsOf({ covers }: Examined): SeqRange {
  return [covers?.[0]?.[0] ?? 0, covers?.at(-1)?.[1] ?? 0];
}

function missingFrom(covers: readonly SeqRange[], found: readonly SeqRange[]): readonly SeqRange[] {
  const merged = mergeRanges(found);
  return covers.flatMap(([first, last]) => gapsIn(merged, first - 1, last));
}

function newestOf(seal: StoredSeal | undefined): Pick<AuditVerification, 'newest'> {
  if (seal === undefined) return {};
  const { number, sha256, madeAt } = seal;
  return { newest: { number, sha256, madeAt } };
}

/** JSON has no infinite number. */
function finite(first: number, last: number) {
  return { first: Math.max(first, -HIGHEST_SEQ), last: Math.max(first, Math.min(last, HIGHEST_SEQ)) };
}

function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}
