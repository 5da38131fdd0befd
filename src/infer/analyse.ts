import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ModelRunner, Tensor } from '../core/ports/inference.ts';
import type { ScanWithSources } from '../core/scan/plane-source.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { Said } from './adapters/adapter.ts';
import { type AnalysisResult, MapReader, notAnalysed } from './analysis.ts';
import { BoxReader } from './boxes.ts';
import { adapterOf } from './fingerprint.ts';
import type { Geometry } from './geometry.ts';
import { isOfMaps, type ModelManifest } from './manifest.ts';
import type { ModelPackage } from './packages.ts';
import { type TensorOptions, tensorSteps } from './tensor.ts';
import {
  cutTile,
  type ModelImage,
  StripMerger,
  type TilePlan,
  tileColumns,
  withoutPaddingBefore,
} from './tiling.ts';
import { inTurns, type Steps } from './turns.ts';

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
  const { columns } = geometry.model;
  const reader = readerFor(scan.scan, manifest, geometry, input.plan);
  const timed = new TimedRunner(runner, manifest, options.timeoutMs);
  for (const { from, to, done } of tileColumns(input.plan, columns)) {
    const image = await inTurns(input.columns(from, to));
    reader.look(image, from, to);
    for (const row of input.plan.rowStarts) {
      const tile = cutTile(image, input.plan, row, input.pad);
      await nextTurn();
      reader.add(await timed.run(tile, input.plan), { row, column: from });
    }
    await inTurns(reader.endColumn(done));
  }
  return inTurns(reader.finish(timed.milliseconds));
}

/** Takes what a model says tile by tile, column of tiles by column of tiles from the left. */
interface TileReader {
  /** The image itself, from column `from` up to, not including, `to`; parts overlap as tiles do. */
  look(image: ModelImage, from: number, to: number): void;
  add(said: Said, at: { readonly row: number; readonly column: number }): void;
  /** No later tile reaches the columns before `done`. */
  endColumn(done: number): Steps<void>;
  finish(milliseconds: number): Steps<AnalysisResult>;
}

/** Maps are put together before they are read; boxes and scores are read as they come. */
function readerFor(scan: NiiScan, manifest: ModelManifest, geometry: Geometry, plan: TilePlan): TileReader {
  const { rows, columns } = geometry.model;
  if (isOfMaps(manifest.output)) {
    const merger = new StripMerger(plan, rows, columns);
    const reader = new MapReader(scan, manifest, geometry);
    return {
      look: (image, from, to) => reader.look(image, from, to),
      add(said, { row }) {
        if (said.kind === 'anomaly-map') merger.add(row, withoutPaddingBefore(said.map, plan));
      },
      endColumn: (done) => reader.add(merger.take(done)),
      finish: (milliseconds) => reader.finish(milliseconds),
    };
  }
  const reader = new BoxReader(scan, manifest, geometry, plan);
  return {
    look() {},
    add(said, at) {
      if (said.kind !== 'anomaly-map') reader.add(said, at);
    },
    *endColumn() {},
    finish: (milliseconds) => reader.finish(milliseconds),
  };
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

  /** What the model says of one tile. */
  async run(tile: Tensor, plan: TilePlan): Promise<Said> {
    const adapter = adapterOf(this.#manifest);
    const started = performance.now();
    const outputs = await this.#runner.run(adapter.feed(tile, this.#manifest), this.#timeoutMs);
    this.#spent += performance.now() - started;
    return adapter.read(outputs, this.#manifest, plan);
  }
}
