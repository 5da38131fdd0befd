import { defined } from '../../core/defined.ts';
import { adviceOperations } from './table/advice.ts';
import { annotationOperations } from './table/annotations.ts';
import { caseOperations } from './table/cases.ts';
import { catalogueOperations } from './table/catalogue.ts';
import { declarationOperations } from './table/declarations.ts';
import { dicomwebOperations } from './table/dicomweb.ts';
import { measureOperations } from './table/measures.ts';
import { modelOperations } from './table/models.ts';
import type { Operation } from './table/operation.ts';
import { ownDecisionOperations } from './table/own-decisions.ts';
import { passageOperations } from './table/passages.ts';
import { personOperations } from './table/persons.ts';
import { photographOperations } from './table/photographs.ts';
import { radiationOperations } from './table/radiation.ts';
import { recordOperations } from './table/record.ts';
import { ruleOperations } from './table/rules.ts';
import { scanOperations } from './table/scans.ts';
import { serviceOperations } from './table/service.ts';
import { uploadOperations } from './table/upload.ts';

/** Every address there is. The tests walk it; a route that does not say who may call it stops the start. */
export const operations = {
  ...uploadOperations,
  ...scanOperations,
  ...caseOperations,
  ...adviceOperations,
  ...annotationOperations,
  ...photographOperations,
  ...ownDecisionOperations,
  ...passageOperations,
  ...radiationOperations,
  ...declarationOperations,
  ...personOperations,
  ...ruleOperations,
  ...modelOperations,
  ...catalogueOperations,
  ...measureOperations,
  ...recordOperations,
  ...dicomwebOperations,
  ...serviceOperations,
} satisfies Readonly<Record<string, Operation>>;

export type OperationId = keyof typeof operations;

/** Method, address and access of an operation, to spread into its route. */
export function at(operationId: OperationId) {
  const { method, url, roles: access, ...more }: Operation = operations[operationId];
  const { isForUnlinked, isBackground } = more;
  const config = { roles: access, operationId, ...defined({ isForUnlinked, isBackground }) };
  return { method, url, config };
}

export function isOperationId(value: unknown): value is OperationId {
  return typeof value === 'string' && Object.hasOwn(operations, value);
}
