import type { FastifyRequest } from 'fastify';
import type { InstancePath } from '../../core/ports/records/instances.ts';

/** Where this service is for the caller: links in answers are made from the address that was asked. */
export function baseOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}/dicomweb`;
}

/** Address of a study, series or instance. */
export function hrefOf(base: string, { studyUid, seriesUid, instanceUid }: InstancePath): string {
  const study = `${base}/studies/${studyUid}`;
  const series = seriesUid === undefined ? study : `${study}/series/${seriesUid}`;
  return instanceUid === undefined ? series : `${series}/instances/${instanceUid}`;
}

/** Whose warnings they are (RFC 7234 section 5.5). */
export function warning(text: string): string {
  return `299 nii-hub "${text.replace(/["\\]|[^\x20-\x7e]/g, ' ')}"`;
}
