import { isInOccupancy, type Line } from './lines.ts';

/** Faults of one passage beside those among its lines. */
export interface PassageFaults {
  /** Earlier faults that were still active when it began. */
  readonly carried: readonly Line[];
  /** Faults that were over before its first alarm or scan line. */
  readonly over: ReadonlySet<Line>;
}

/** Which faults stand while the lines are read; each line is looked at a bounded number of times. */
export class StandingFaults {
  /** By what they are of, the oldest first. */
  readonly #standing = new Map<string, Line[]>();
  /** The oldest of each that stood when the passage before ended. */
  #inherited: readonly Line[] = [];
  #carried: readonly Line[] = [];
  #over = new Set<Line>();
  #isOccupied = false;

  see(line: Line): void {
    const [faulty, sound] = [faultyPart(line), soundPart(line)];
    if (faulty !== undefined) this.#stand(faulty, line);
    if (sound !== undefined) this.#end(sound);
    if (!isInOccupancy(line) || this.#isOccupied) return;
    this.#isOccupied = true;
    const oldest = new Set([...this.#standing.values()].map(([first]) => first));
    this.#carried = this.#inherited.filter((fault) => oldest.has(fault));
  }

  /** Of the passage that ends now; what still stands goes on into the next. */
  ofPassage(): PassageFaults {
    const faults = { carried: this.#carried, over: this.#over };
    for (const [part, lines] of this.#standing) this.#standing.set(part, lines.slice(0, 1));
    this.#inherited = [...this.#standing.values()].flat();
    this.#carried = [];
    this.#over = new Set();
    this.#isOccupied = false;
    return faults;
  }

  #stand(part: string, line: Line): void {
    const lines = this.#standing.get(part);
    if (lines === undefined) this.#standing.set(part, [line]);
    else lines.push(line);
  }

  #end(part: string): void {
    if (!this.#isOccupied) for (const fault of this.#standing.get(part) ?? []) this.#over.add(fault);
    this.#standing.delete(part);
  }
}

/** What a fault is of, until a line says that it is over. */
function faultyPart(line: Line): string | undefined {
  if (line.kind === 'tamper') return 'portal';
  return line.kind === 'high-fault' || line.kind === 'low-fault' ? line.radiation : undefined;
}

/** A background line shows that its detectors count again, TC that the tampering has ended. */
function soundPart(line: Line): string | undefined {
  if (line.kind === 'tamper-cleared') return 'portal';
  return line.kind === 'background' ? line.radiation : undefined;
}
