import type { TSchema } from 'typebox';
import { Role } from '../../core/access.ts';
import { Annotation } from '../../core/case/annotation.ts';
import {
  OutcomeKind,
  QueueBand,
  ReasonCode,
  RecordedOutcome,
  SearchOutcome,
  VerdictKind,
} from '../../core/case/case.ts';
import { CaseState } from '../../core/case/case-states.ts';
import { DeclarationBody } from '../../core/case/declaration.ts';
import { Emptiness, UnitEmptiness } from '../../core/case/emptiness.ts';
import { Analysis, Finding, UnitScore } from '../../core/case/finding.ts';
import { IssuedLaneInstruction, LaneReason } from '../../core/case/lane.ts';
import { LanePassage, PassageReport } from '../../core/case/lane-passage.ts';
import { Photograph } from '../../core/case/photograph.ts';
import { Region } from '../../core/case/region.ts';
import { VendorReport } from '../../core/case/vendor-report.ts';
import { Conflict } from '../../core/person/person.ts';
import { Identification } from '../../core/radiation/adjudication.ts';
import { HoldOutcome } from '../../core/radiation/hold.ts';
import { HoldState } from '../../core/radiation/hold-states.ts';
import { RadiationAlarm, RadiationRecord } from '../../core/radiation/radiation.ts';
import { PolicyTerms } from '../../core/rules/policy.ts';
import { PairWindow, SiteMode, SiteTerms, Zone } from '../../core/rules/site.ts';
import { ChannelKind } from '../../core/scan/channel-kinds.ts';
import { Acquired, Purpose, Visit } from '../../core/scan/circumstances.ts';
import { Completeness } from '../../core/scan/completeness.ts';
import { Channel, ContainerNumber, InspectionUnit, Operation, View, Warning } from '../../core/scan/scan.ts';
import { ScanState } from '../../core/scan/scan-states.ts';
import * as answers from '../schemas/answers.ts';
import { TusUpload } from '../schemas/tus.ts';

/** Schemas that have a name in the description, besides those that are published under an address of their own. */
const named: Readonly<Record<string, TSchema>> = {
  AcceptedScans: answers.AcceptedScans,
  Acquired,
  Analysis,
  Annotation,
  CaseState,
  ChangePage: answers.ChangePage,
  Channel,
  ChannelKind,
  Completeness,
  Conflict,
  ContainerNumber,
  DeclarationBody,
  DeclarationDetails: answers.DeclarationDetails,
  DeclarationVersion: answers.DeclarationAnswer,
  Emptiness,
  ErrorCode: answers.ErrorCode,
  Finding,
  HoldOutcome,
  HoldState,
  Identification,
  InspectionUnit,
  KeptProblem: answers.KeptProblem,
  IssuedLaneInstruction,
  LanePassage,
  LaneReason,
  Operation,
  OutcomeKind,
  PairWindow,
  PassageReport,
  Photograph,
  PolicyTerms,
  Purpose,
  QueueBand,
  RadiationAlarm,
  RadiationRecord,
  ReasonCode,
  ReconversionTrial: answers.ReconversionTrial,
  RecordedOutcome,
  Region,
  ResumableUpload: TusUpload,
  Revision: answers.Revision,
  RevisionDetails: answers.RevisionDetails,
  Role,
  ScanDetails: answers.ScanDetails,
  ScanState,
  ScanSummary: answers.Scan,
  SearchOutcome,
  SiteMode,
  SiteTerms,
  StoredFile: answers.StoredFile,
  UnitEmptiness,
  UnitScore,
  VendorReport,
  VerdictKind,
  View,
  Visit,
  Warning,
  Zone,
};

const names = new Map(Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]));

/** Name of a schema that is written exactly like one of these. */
export function nameOf(schema: Readonly<Record<string, unknown>>): string | undefined {
  return names.get(JSON.stringify(schema));
}
