import { setTimeout as sleep } from 'node:timers/promises';
import { isNiiError, NiiError, problemOf } from '../../core/errors.ts';
import type { ModelRunner, TestedModels } from '../../core/ports/inference.ts';
import type { Log } from '../../core/ports/process.ts';
import type { KnownModel } from '../../core/rules/model-choice.ts';
import { comparePackages, type ModelPackage } from '../packages.ts';

/** A model that can be used: the first use loads and tests it. */
export interface InstalledModel {
  readonly pkg: ModelPackage;
  /**
   * Hands out the model, loaded and tested, until the work has ended.
   * @throws NII_MODEL_GOLDEN where it does not repeat its recorded runs; what opening it throws
   */
  readonly use: <T>(work: (runner: ModelRunner) => Promise<T>) => Promise<T>;
  /** Loads and tests it, and closes it a while after that unless it is used. */
  readonly test: () => Promise<void>;
}

export interface ShelfDeps {
  /** Every package in the folders, checked. */
  readonly read: () => Promise<readonly ModelPackage[]>;
  /** Loads a model, compares its tensors with the package and runs it once. */
  readonly open: (pkg: ModelPackage) => Promise<ModelRunner>;
  /** Repeats its recorded runs. @throws NII_MODEL_GOLDEN */
  readonly test: (runner: ModelRunner, pkg: ModelPackage) => Promise<void>;
  /** Told once of each package whose test failed. */
  readonly onLeftOut: (pkg: ModelPackage, error: NiiError) => void;
  readonly log: Log;
  /** A model without users is closed this long after its last run. */
  readonly idleMs?: number;
}

const IDLE_MS = 60_000;
/** The folders are not read more often than this. */
const READ_EVERY_MS = 1_000;

/**
 * The models of this process. Guards that no run sees a model that is half loaded, and that none is closed under a run:
 * a model is handed out after it was loaded, run once and tested, and is closed after its last run, once no
 * administration uses it.
 */
export class ModelShelf implements TestedModels {
  readonly #deps: ShelfDeps;
  readonly #places = new Map<string, Place>();
  #packages: readonly ModelPackage[];
  #wanted: (model: KnownModel) => boolean = () => true;
  #readAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  private constructor(deps: ShelfDeps, packages: readonly ModelPackage[]) {
    this.#deps = deps;
    this.#packages = packages;
  }

  /** @throws NII_MODEL_INVALID for the first package that contradicts itself */
  static async open(deps: ShelfDeps): Promise<ModelShelf> {
    return new ModelShelf(deps, await deps.read());
  }

  /** By id and rising version. */
  get installed(): readonly InstalledModel[] {
    return this.#packages.map((pkg) => this.#model(pkg));
  }

  get known(): readonly KnownModel[] {
    return this.#packages.map(knownOf);
  }

  async find(id: string, version: string): Promise<KnownModel | undefined> {
    const found = () => this.known.find((one) => one.id === id && one.version === version);
    if (found() === undefined) await this.refresh();
    return found();
  }

  async refresh(): Promise<void> {
    const wait = this.#readAt + READ_EVERY_MS - performance.now();
    if (wait > 0) await sleep(wait);
    await this.#readAgain();
  }

  /** The package with exactly these bytes, wherever it was added meanwhile; undefined where it is not here. */
  async model({ id, version, sha256 }: Omit<KnownModel, 'waits'>): Promise<InstalledModel | undefined> {
    const found = () =>
      this.#packages.find(
        ({ manifest }) => manifest.id === id && manifest.version === version && manifest.sha256 === sha256,
      );
    if (found() === undefined) await this.#readAgain();
    const pkg = found();
    return pkg && this.#model(pkg);
  }

  async test(model: KnownModel): Promise<void> {
    const found = await this.model(model);
    if (found === undefined)
      throw new NiiError('NII_NOT_FOUND', `Model "${model.id}" has no version "${model.version}" here`);
    await found.test();
  }

  /** From now on the others are closed after their last run. */
  want(isWanted: (model: KnownModel) => boolean): void {
    this.#wanted = isWanted;
    for (const place of this.#places.values()) place.restUnless(isWanted(knownOf(place.pkg)));
  }

  /** Closes all for good; runs that go on are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#places.values()].map((place) => place.close()));
  }

  #model(pkg: ModelPackage): InstalledModel {
    return {
      pkg,
      use: async (work) => this.#place(pkg).use(work),
      test: async () => this.#place(pkg).test(),
    };
  }

  /** @throws NII_BUSY after `close`: what was opened then, nobody would close */
  #place(pkg: ModelPackage): Place {
    if (this.#isClosed) throw new NiiError('NII_BUSY', 'The service is stopping');
    const { id, version, sha256 } = pkg.manifest;
    const name = `${id}@${version}:${sha256}`;
    const place = this.#places.get(name) ?? new Place(this.#deps, pkg, () => this.#wanted(knownOf(pkg)));
    this.#places.set(name, place);
    return place;
  }

  /** A folder that contradicts itself while the service runs changes nothing. */
  async #readAgain(): Promise<void> {
    if (performance.now() - this.#readAt < READ_EVERY_MS) return;
    this.#readAt = performance.now();
    try {
      const read = await this.#deps.read();
      this.#packages = read.toSorted((a, b) => comparePackages(a.manifest, b.manifest));
    } catch (error) {
      this.#deps.log.warn({ code: problemOf(error).code, err: error }, 'models not read again');
    }
  }
}

/** One model of this process: closed, opening or open, and how many use it. */
class Place {
  readonly pkg: ModelPackage;
  readonly #deps: ShelfDeps;
  readonly #isWanted: () => boolean;
  #opened: Promise<ModelRunner> | undefined;
  /** A test that failed once fails again: the files are the same. */
  #failed: NiiError | undefined;
  #uses = 0;
  /** Whether it was opened for more than a test. */
  #isInUse = false;
  #rest: NodeJS.Timeout | undefined;

  constructor(deps: ShelfDeps, pkg: ModelPackage, isWanted: () => boolean) {
    this.#deps = deps;
    this.pkg = pkg;
    this.#isWanted = isWanted;
  }

  use<T>(work: (runner: ModelRunner) => Promise<T>): Promise<T> {
    this.#isInUse = true;
    return this.#hold(work);
  }

  test(): Promise<void> {
    return this.#hold(async () => {});
  }

  async #hold<T>(work: (runner: ModelRunner) => Promise<T>): Promise<T> {
    this.#uses += 1;
    clearTimeout(this.#rest);
    try {
      return await work(await this.#open());
    } finally {
      this.#uses -= 1;
      this.restUnless(this.#isWanted());
    }
  }

  restUnless(isWanted: boolean): void {
    clearTimeout(this.#rest);
    if ((isWanted && this.#isInUse) || this.#uses > 0 || this.#opened === undefined) return;
    this.#rest = setTimeout(() => void this.#closeIfIdle(), this.#deps.idleMs ?? IDLE_MS);
    this.#rest.unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#rest);
    const opened = this.#opened;
    this.#opened = undefined;
    this.#isInUse = false;
    await (await opened?.catch(() => undefined))?.close();
  }

  async #closeIfIdle(): Promise<void> {
    if (this.#uses > 0 || (this.#isInUse && this.#isWanted())) return;
    const { id, version } = this.pkg.manifest;
    this.#deps.log.info({ model: `${id}@${version}` }, 'model closed');
    await this.close();
  }

  #open(): Promise<ModelRunner> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    if (this.#opened !== undefined) return this.#opened;
    const opening = this.#load();
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = undefined;
    });
    return opening;
  }

  async #load(): Promise<ModelRunner> {
    const runner = await this.#deps.open(this.pkg);
    try {
      await this.#deps.test(runner, this.pkg);
    } catch (error) {
      await runner.close();
      if (isNiiError(error, 'NII_MODEL_GOLDEN')) this.#leaveOut(error);
      throw error;
    }
    return runner;
  }

  #leaveOut(error: NiiError): void {
    this.#failed = error;
    const { id, version } = this.pkg.manifest;
    this.#deps.log.warn({ model: `${id}@${version}`, code: error.code, err: error }, 'model left out');
    this.#deps.onLeftOut(this.pkg, error);
  }
}

/** What a package is, without its contents. */
export function knownOf({ manifest: { id, version, sha256 }, waits }: ModelPackage): KnownModel {
  return { id, version, sha256, waits };
}
