import type { Declaration } from '../../case/declaration.ts';
import type { Page } from '../../page.ts';

export interface Declarations {
  declaration(administration: string, ref: string): Promise<Declaration | undefined>;
  /** Those that name the container, where one is given. */
  declarations(
    administration: string,
    limit: number,
    cursor?: string,
    container?: string,
  ): Promise<Page<Declaration>>;
  declarationsByContainer(
    administration: string,
    containers: readonly string[],
  ): Promise<readonly Declaration[]>;
}

export interface DeclarationWrites {
  putDeclaration(value: Declaration): Promise<void>;
}
