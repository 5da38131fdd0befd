import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { NiiError } from '../core/errors.ts';
import { type Material, materials } from '../simulate/physics/materials.ts';

/** What is kept of one scan that a model has looked at: all figures of a report come from these. */

const Name = Type.String({ maxLength: 4096 });
const Unit = Type.Number();
const materialNames = Object.keys(materials) as readonly Material[]; // the keys of the literal
/** Pairs of a level of the map, 0 to 255, and how many pixels have it. */
const Levels = Type.Array(
  Type.Tuple([Type.Integer({ minimum: 0, maximum: 255 }), Type.Integer({ minimum: 1 })]),
);

export const ScoreRecord = Type.Object({
  key: Name,
  /** Ordinary scans fix the threshold or are tested against it; the others hold an object, or a plate of the grid. */
  set: Type.Enum(['threshold', 'test', 'object', 'grid']),
  /** Of a plate. */
  cell: Type.Optional(
    Type.Object({ material: Type.Enum([...materialNames]), sizeMm: Unit, thicknessMm: Unit }),
  ),
  scan: Name,
  cargo: Name,
  notAnalysed: Type.Optional(Type.String()),
  /** Inspection units; of a scan with an object only the one that it is in. */
  units: Type.Array(Type.Object({ score: Unit, percentile: Unit })),
  /** What the model marked; of an ordinary scan no mark is a hit. */
  marks: Type.Array(Type.Object({ score: Unit, hit: Type.Boolean() })),
  object: Type.Optional(
    Type.Object({
      id: Name,
      class: Name,
      areaMm2: Unit,
      contrast: Unit,
      dPrime: Unit,
      standsOut: Type.Optional(Unit),
    }),
  ),
  pixels: Type.Optional(Type.Object({ inside: Levels, outside: Levels })),
  milliseconds: Type.Object({
    model: Unit,
    whole: Unit,
    cpu: Type.Optional(Unit),
  }),
});
export type ScoreRecord = Static<typeof ScoreRecord>;

const schema = Compile(ScoreRecord);
const FILE = 'scores.jsonl';

/** The records of an evaluation in a file, one a line, so that an interruption loses one scan at most. */
export class KeptScores {
  readonly #path: string;
  readonly #records: Map<string, ScoreRecord>;

  private constructor(path: string, records: Map<string, ScoreRecord>) {
    this.#path = path;
    this.#records = records;
  }

  /**
   * Opens the file of a folder, which is made where it is not there.
   * @param plan what is evaluated with what; scores of another plan are not mixed in
   * @throws NII_CONFLICT where the folder holds the scores of another plan
   */
  static async open(folder: string, plan: Readonly<Record<string, unknown>>): Promise<KeptScores> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, FILE);
    const head = JSON.stringify({ plan });
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined || text === '') {
      await appendFile(path, `${head}\n`);
      return new KeptScores(path, new Map());
    }
    const [first, ...lines] = text.split('\n');
    if (first !== head) {
      const detail = `${FILE} in the --out folder belongs to another evaluation: choose another folder, or delete the file`;
      throw new NiiError('NII_CONFLICT', { detail, field: 'out' });
    }
    // a line that an interruption cut is written again, behind it
    if (!text.endsWith('\n')) await appendFile(path, '\n');
    const records = lines.flatMap((line) => readRecord(line) ?? []);
    return new KeptScores(path, new Map(records.map((record) => [record.key, record])));
  }

  has(key: string): boolean {
    return this.#records.has(key);
  }

  get all(): readonly ScoreRecord[] {
    return [...this.#records.values()];
  }

  async add(record: ScoreRecord): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(record)}\n`);
    this.#records.set(record.key, record);
  }
}

function readRecord(line: string): ScoreRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return schema.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
