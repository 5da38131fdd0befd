import { isMetricValues, type Measured, type MetricValues } from './step-metrics.ts';

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
