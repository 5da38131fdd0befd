import type { Limits } from './core/limits.ts';
import type { Log } from './core/log.ts';
import type { Clock } from './core/ports/clock.ts';
import type { ModelRunner } from './core/ports/inference.ts';
import type { StepMetrics } from './core/ports/metrics.ts';
import type { ObjectStore } from './core/ports/objects.ts';
import type { Jobs, Records } from './core/ports/records.ts';
import type { ModelPackage } from './infer/packages.ts';
import type { DicomThread } from './look/dicomweb/thread.ts';
import type { Exporter } from './look/export/export.ts';
import type { SampleDecoder } from './look/samples.ts';
import type { ConverterPackage } from './recognise/registry.ts';
import type { TriagePolicy } from './triage/policy.ts';

/** A model with the runner that holds its session; the runner opens when it is first needed. */
export interface InstalledModel {
  readonly pkg: ModelPackage;
  readonly runner: () => Promise<ModelRunner>;
}

/** Everything the steps stand on; built once by the wiring. */
export interface Deps {
  readonly objects: ObjectStore;
  readonly records: Records;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly policy: TriagePolicy;
  readonly converters: readonly ConverterPackage[];
  readonly models: readonly InstalledModel[];
  readonly samples: SampleDecoder;
  readonly exporter: Exporter;
  readonly dicom: DicomThread;
  /** Folder for uploads on their way and for conversions; on the machine's own disk. */
  readonly spoolDir: string;
  readonly lane: LaneTarget | undefined;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/** Where and with which secret verdicts are announced; HMAC-SHA-256 over the body. */
export interface LaneTarget {
  readonly url: string;
  readonly secret: string;
}

/** The parts, joined; `close` ends what was opened, in the reverse order. */
export interface Service {
  readonly deps: Deps;
  close(): Promise<void>;
}
