import ts from 'typescript';
import { nodesOf } from './sources.ts';

/** Lines of every function with a body in braces, from its first line to its last, in rising order. */
export function functionLengths(file: ts.SourceFile): readonly number[] {
  const lineAt = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  return [...nodesOf(file)]
    .filter((node) => ts.isFunctionLike(node) && 'body' in node && isBlock(node.body))
    .map((node) => lineAt(node.end) - lineAt(node.getStart(file)) + 1)
    .sort((a, b) => a - b);
}

function isBlock(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === ts.SyntaxKind.Block;
}

/** Lines at which an object takes over properties or none, as in `...(x === undefined ? {} : { x })`. */
export function conditionalSpreads(file: ts.SourceFile): readonly number[] {
  return [...nodesOf(file)]
    .filter((node) => ts.isSpreadAssignment(node) && isPerhapsEmpty(node.expression))
    .map((node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
}

function isPerhapsEmpty(expression: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(expression)) return isPerhapsEmpty(expression.expression);
  if (!ts.isConditionalExpression(expression)) return false;
  return [expression.whenTrue, expression.whenFalse].some(
    (branch) => ts.isObjectLiteralExpression(branch) && branch.properties.length === 0,
  );
}

/** Whether a file starts processes that it has to follow to their end: it imports `fork` or `spawn`. */
export function supervisesProcesses(file: ts.SourceFile): boolean {
  return file.statements.some(
    (statement) =>
      ts.isImportDeclaration(statement) &&
      ts.isStringLiteral(statement.moduleSpecifier) &&
      statement.moduleSpecifier.text === 'node:child_process' &&
      namesOf(statement).some((name) => name === 'fork' || name === 'spawn'),
  );
}

function namesOf({ importClause }: ts.ImportDeclaration): readonly string[] {
  const bindings = importClause?.namedBindings;
  if (bindings === undefined || ts.isNamespaceImport(bindings)) return [];
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

/** Interfaces of src/core/ports with the number of methods that each states itself. */
export function portSizes(
  file: ts.SourceFile,
): readonly { readonly name: string; readonly methods: number }[] {
  if (!/\/src\/core\/ports(\.ts$|\/)/.test(file.fileName)) return [];
  return file.statements.filter(ts.isInterfaceDeclaration).map(({ name, members }) => ({
    name: name.text,
    methods: members.filter(ts.isMethodSignature).length,
  }));
}
