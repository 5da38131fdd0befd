import type { FastifyRequest } from 'fastify';
import type { InstancePath } from '../../core/ports/records/instances.ts';

/** Where clients reach this service, if the operator has said it. */
export interface PublicPlace {
  readonly publicUrl: string | undefined;
}

/** Where this service is for the caller: links in answers name the public URL, or else the address that was asked. */
export function baseOf({ publicUrl }: PublicPlace, { protocol, host }: FastifyRequest): string {
  return `${publicUrl ?? `${protocol}://${host}`}/dicomweb`;
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
