import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ModelRunner, Tensor } from '../core/ports/inference.ts';
import type { ScanWithSources } from '../core/scan/plane-source.ts';
import { type AnalysisResult, MapReader, notAnalysed } from './analysis.ts';
import { adapterOf } from './fingerprint.ts';
import type { ModelManifest } from './manifest.ts';
import type { ModelPackage } from './packages.ts';
import { type TensorOptions, tensorSteps } from './tensor.ts';
import { cutTile, StripMerger, type TilePlan, tileColumns } from './tiling.ts';
import { inTurns } from './turns.ts';

export interface AnalyseOptions extends TensorOptions {
  /** Of one run of the model; a tiled image takes several. */
  readonly timeoutMs: number;
}

/**
 * What one model says of one scan, or why it could not look. The same scan and model give the same answer but for
 * the milliseconds, which are those of the model's runs alone.
 * @throws NII_MODEL_FAILED when the model ends without a result
 */
export async function analyseScan(
  runner: ModelRunner,
  scan: ScanWithSources,
  { manifest }: Pick<ModelPackage, 'manifest'>,
  options: AnalyseOptions,
): Promise<AnalysisResult> {
  const tensor = await inTurns(tensorSteps(scan, manifest, options));
  if ('notAnalysed' in tensor) return { analysis: notAnalysed(manifest, tensor.notAnalysed) };
  const { input, geometry } = tensor;
  const { rows, columns } = geometry.model;
  const reader = new MapReader(scan.scan, manifest, geometry);
  const merger = new StripMerger(input.plan, rows, columns);
  const timed = new TimedRunner(runner, manifest, options.timeoutMs);
  for (const { from, to, done } of tileColumns(input.plan, columns)) {
    const image = await inTurns(input.columns(from, to));
    reader.look(image, from, to);
    for (const row of input.plan.rowStarts) {
      const tile = cutTile(image, input.plan, row, input.pad);
      await nextTurn();
      merger.add(row, await timed.run(tile, input.plan));
    }
    await inTurns(reader.add(merger.take(done)));
  }
  return inTurns(reader.finish(timed.milliseconds));
}

/** Runs the model over tiles and counts the time of its runs. */
class TimedRunner {
  readonly #runner: ModelRunner;
  readonly #manifest: ModelManifest;
  readonly #timeoutMs: number;
  #spent = 0;

  constructor(runner: ModelRunner, manifest: ModelManifest, timeoutMs: number) {
    this.#runner = runner;
    this.#manifest = manifest;
    this.#timeoutMs = timeoutMs;
  }

  get milliseconds(): number {
    return Math.round(this.#spent * 10) / 10;
  }

  /** The map of one tile. */
  async run(tile: Tensor, plan: TilePlan): Promise<Float32Array> {
    const started = performance.now();
    const outputs = await this.#runner.run({ [this.#manifest.input.name]: tile }, this.#timeoutMs);
    this.#spent += performance.now() - started;
    return adapterOf(this.#manifest).read(outputs, this.#manifest, plan).map;
  }
}
