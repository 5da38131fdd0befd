import { Counter, Histogram, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import type { StepMetrics } from '../core/ports/metrics.ts';

/** Values of all metrics of one process, as they travel between processes. */
export type MetricValues = readonly MetricObjectWithValues<MetricValue<string>>[];

/** Whether another process sent values of metrics; the library reads the rest as it is. */
function isMetricValues(values: unknown): values is MetricValues {
  return (
    Array.isArray(values) &&
    values.every(
      (one: unknown) => typeof one === 'object' && one !== null && 'name' in one && 'values' in one,
    )
  );
}

/** A conversion or an inference takes from milliseconds to minutes. */
const WORK_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** What a process has measured until now. */
export interface Measured {
  values(): Promise<MetricValues>;
}

/** What one worker measures of its steps, until a parent or Prometheus asks for it. */
export function measureSteps(): StepMetrics & Measured {
  const registry = new Registry();
  const seconds = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Histogram({ name, help, labelNames, buckets: WORK_SECONDS, registers: [registry] });
  const conversions = seconds(
    'nii_conversion_duration_seconds',
    'Conversions of a scan by converter and outcome',
    ['converter', 'outcome'],
  );
  const inferences = seconds('nii_inference_duration_seconds', 'Model runs on a scan by outcome', [
    'model',
    'version',
    'outcome',
  ]);
  const jobs = seconds('nii_job_duration_seconds', 'Jobs from claim to end by kind and outcome', [
    'kind',
    'outcome',
  ]);
  const failures = new Counter({
    name: 'nii_failures_total',
    help: 'Job failures by job kind and error code, including retries',
    labelNames: ['kind', 'code'],
    registers: [registry],
  });
  return {
    converted: (converter, outcome, duration) => conversions.observe({ converter, outcome }, duration),
    inferred: ({ id, version }, outcome, duration) =>
      inferences.observe({ model: id, version, outcome }, duration),
    worked: (kind, outcome, duration) => jobs.observe({ kind, outcome }, duration),
    failed: (kind, code) => failures.inc({ kind, code }),
    values: () => registry.getMetricsAsJSON(),
  };
}

/** A worker tells its parent this often what it has measured. */
const REPORT_MS = 1_000;

interface WorkerReport {
  readonly kind: 'metrics';
  readonly values: MetricValues;
}

/** Tells the parent now and then, if there is one that listens. @returns what ends it, with one last report */
export function reportToParent(steps: Measured): () => Promise<void> {
  const tell = async (): Promise<void> => {
    if (process.send === undefined || !process.connected) return;
    const report: WorkerReport = { kind: 'metrics', values: await steps.values() };
    await new Promise<void>((resolve) => process.send?.(report, undefined, {}, () => resolve()));
  };
  const timer = setInterval(() => void tell(), REPORT_MS).unref();
  return async () => {
    clearInterval(timer);
    await tell();
  };
}

/** Undefined for any other message of a child. */
export function readReport(message: unknown): MetricValues | undefined {
  if (typeof message !== 'object' || message === null || !('kind' in message) || !('values' in message))
    return undefined;
  return message.kind === 'metrics' && isMetricValues(message.values) ? message.values : undefined;
}
