import type { Scope } from '../../access.ts';
import type { Declaration } from '../../case/declaration.ts';
import type { Page } from '../../page.ts';

export interface Declarations {
  // A key of one site sees the declarations of that site and those of the whole administration.
  declaration(scope: Scope, ref: string): Promise<Declaration | undefined>;
  /** Those that name the container, where one is given. */
  declarations(scope: Scope, limit: number, cursor?: string, container?: string): Promise<Page<Declaration>>;
  declarationsByContainer(scope: Scope, containers: readonly string[]): Promise<readonly Declaration[]>;

  /** A reference is of one site: that of its first statement. */
  putDeclaration(value: Declaration): Promise<void>;
}
