import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OUTER_BYTES = 8 * 1024 ** 3;
const INNER_BYTES = 3 * 1024 ** 3;
/** ext4 writes back by itself only after so many seconds, so that what nobody synced is lost at a cut. */
const COMMIT_SECONDS = 300;

/**
 * A disk of ext4 on an image, of which a cut is taken while programs write to it: a copy of the image as it is at that
 * moment, without what the kernel has not written to it yet. The image lies on XFS, whose clone of a file (FICLONE) is
 * whole: no write comes between its first block and its last. What a drive would keep in a cache of its own counts as
 * written here.
 */
export class CuttableDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #root: string;
  readonly #mounted: string[] = [];

  private constructor() {
    this.#root = mkdtempSync(join(tmpdir(), 'nii-cut-'));
    chmodSync(this.#root, 0o755);
    const outer = join(this.#root, 'outer.img');
    const image = join(this.#root, 'outer/disk.img');
    try {
      makeImage(outer, OUTER_BYTES);
      run('mkfs.xfs', '-q', '-m', 'reflink=1', outer);
      this.#mount('outer.img', 'outer');
      makeImage(image, INNER_BYTES);
      run('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
      this.path = this.#mount('outer/disk.img', 'disk');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Undefined where this machine has no loop devices for us, or lacks mkfs.xfs. */
  static open(): CuttableDisk | undefined {
    const canTry = process.getuid?.() === 0 && ['mkfs.xfs', 'mkfs.ext4', 'losetup'].every(hasProgram);
    if (!canTry || spawnSync('losetup', ['--find']).status !== 0) return undefined;
    return new CuttableDisk();
  }

  /** The power goes. @param name - of the cut, for `openCut` */
  cut(name: string): void {
    run('cp', '--reflink=always', this.#at('outer/disk.img'), this.#at(`outer/${name}.img`));
  }

  /** The machine starts again. @returns where the disk of the cut is mounted */
  openCut(name: string): string {
    return this.#mount(`outer/${name}.img`, name);
  }

  closeCut(name: string): void {
    this.#unmount(this.#at(name));
    rmSync(this.#at(`outer/${name}.img`));
  }

  /** Also under a program that has not ended yet, as after a failure. */
  close(): void {
    for (const path of this.#mounted.splice(0).reverse()) run('umount', '--lazy', path);
    rmSync(this.#root, { recursive: true, force: true });
  }

  #at(name: string): string {
    return join(this.#root, name);
  }

  #mount(image: string, name: string): string {
    const path = this.#at(name);
    mkdirSync(path);
    const options = name === 'outer' ? 'loop' : `loop,commit=${COMMIT_SECONDS}`;
    run('mount', '-o', options, this.#at(image), path);
    this.#mounted.push(path);
    chmodSync(path, 0o755);
    return path;
  }

  #unmount(path: string): void {
    run('umount', path);
    this.#mounted.splice(this.#mounted.indexOf(path), 1);
  }
}

function makeImage(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
