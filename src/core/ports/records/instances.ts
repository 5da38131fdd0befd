import type { Scope } from '../../access.ts';
import type { DicomJson } from '../../dicom-json.ts';

/** The UIDs by which an instance is known. */
export interface InstanceNames {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly instanceUid: string;
  readonly sopClass: string;
}

/** What the first bytes of a DICOM file say of it. */
export interface InstanceFacts extends InstanceNames {
  readonly transferSyntax: string;
  readonly modality: string;
  /** 0 without pixels. */
  readonly frames: number;
  /** So many bytes from the start hold everything before the pixels, and the header of those. */
  readonly headBytes: number;
  /** Whose decision a Threat Detection Report holds; what people decided is not for everybody. */
  readonly report?: 'machine' | 'person';
  /** Of a report: the instances that it refers to. */
  readonly references?: readonly string[];
  /** Short attributes of the top level, for answers to searches. */
  readonly attributes: DicomJson;
}

/** A stored DICOM instance as DICOMweb finds it: an original that is one, or what was made of a scan. */
export interface InstanceRow extends Pick<Scope, 'administration' | 'site'>, InstanceFacts {
  /** Object that holds its Part 10 file. */
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly scanId: string;
  readonly revision: number;
  readonly source: 'original' | 'dicos' | 'tdr';
  /** The case whose verdict or outcome the report holds; absent of everything else. */
  readonly caseId?: string;
}

/** What one attribute must be. Several alternatives; a pattern with * and ?; from and to, both included. */
export type AttributeMatch = { readonly tag: string } & (
  | { readonly oneOf: readonly string[] }
  | { readonly like: string }
  | { readonly from?: string; readonly to?: string }
);

export interface InstanceFilter {
  /** All must hold. ModalitiesInStudy (00080061) holds for every instance of a study that has the modality. */
  readonly matches: readonly AttributeMatch[];
  /**
   * Reports of Threat Detection: all, all but verdicts that people gave on our cases, none; or, blind, all but verdicts
   * on cases that somebody may still read.
   */
  readonly reports: 'all' | 'blind' | 'machine' | 'none';
}

/** What searches group instances by. */
export type InstanceLevel = 'study' | 'series';

/** A study or series of listed instances, with what is counted over all of them. */
export interface InstanceGroup {
  readonly studyUid: string;
  /** Of a series; empty of a study. */
  readonly seriesUid: string;
  readonly modalities: readonly string[];
  readonly sopClasses: readonly string[];
  readonly series: number;
  readonly instances: number;
  /** Of the first of them. */
  readonly attributes: DicomJson;
}

export interface InstancePath {
  readonly studyUid: string;
  readonly seriesUid?: string;
  readonly instanceUid?: string;
}

export interface Instances {
  // Searches of DICOMweb.
  /** Listed instances, newest study first. */
  findInstances(
    scope: Scope,
    filter: InstanceFilter,
    limit: number,
    offset: number,
  ): Promise<readonly InstanceRow[]>;
  /** Studies or series that have a listed instance that matches, newest study first. */
  findInstanceGroups(
    level: InstanceLevel,
    scope: Scope,
    filter: InstanceFilter,
    limit: number,
    offset: number,
  ): Promise<readonly InstanceGroup[]>;
  /**
   * Everything under the path, in order of series and instance: what is listed, or where nothing there is listed,
   * what an older revision had. One row for each instance UID.
   */
  instancesUnder(
    scope: Scope,
    path: InstancePath,
    reports: InstanceFilter['reports'],
  ): Promise<readonly InstanceRow[]>;

  // Originals of a site, listed or not yet, in order of scan and key.
  /** Those that have one of these instance UIDs. */
  originalsNamed(
    place: Pick<Scope, 'administration' | 'site'>,
    instanceUids: readonly string[],
    limit: number,
  ): Promise<readonly InstanceRow[]>;
  /** Reports that refer to one of these instance UIDs. */
  reportsOn(
    place: Pick<Scope, 'administration' | 'site'>,
    instanceUids: readonly string[],
    limit: number,
  ): Promise<readonly InstanceRow[]>;

  // What searches find: one entry for each instance.
  /** Replaces rows of the same object; a row that is new is not listed yet. */
  putInstances(rows: readonly InstanceRow[]): Promise<void>;
  instancesOfScan(scanId: string): Promise<readonly InstanceRow[]>;
  /** Searches list these objects of the scan, and none of its others. */
  listInstances(scanId: string, keys: readonly string[]): Promise<void>;
}
