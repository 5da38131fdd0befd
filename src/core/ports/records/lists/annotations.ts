import type { StoredAnnotation } from '../../../case/annotation.ts';

export interface Annotations {
  /** All of a case, removed ones too, in the order in which they were made. */
  annotationsOf(caseId: string): Promise<readonly StoredAnnotation[]>;
}

export interface AnnotationWrites {
  /** Inserts or replaces. The caller holds the lock on the case. */
  putAnnotation(value: StoredAnnotation): Promise<void>;
}
