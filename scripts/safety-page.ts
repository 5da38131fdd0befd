import type { Route } from '../src/http/route.ts';
import { type StatedSafety, statedSafety } from '../src/http/safety.ts';

interface ClassedOperation {
  /** As in `POST /v1/scans`. */
  readonly address: string;
  readonly summary: string;
  readonly safety: StatedSafety;
}

const head = `# The safety class of each operation

This page is for administrations that decide who gets which role, and for contributors who add an operation. \`npm run
schemas\` writes it from the routes, and a test compares the two. The OpenAPI document has the same classes as \`x-safety\`.

Every operation that changes something has one class:

- *loosens*: it can remove a reason to hold a vehicle at a live site, make a later \`proceed\` more likely, or choose who
  decides. If the effect depends on the request, it is classified by its least strict effect.
- *tightens*: it only adds a reason to hold. One person can do it, and it takes effect immediately.
- *neutral*: it does neither.

The service does not start if an operation has no class.
`;

const loosens = `
## Loosens

*Second person* shows the operation with which another person agrees, or who else is needed and when. *One person* means that
the caller does it alone. Give roles that include these operations to as few people as possible, and review those
people's audit log entries.

| operation | what it does | second person |
| --- | --- | --- |
`;

/** Returns docs/reference/operations-safety.md, with a row for each operation that changes something. */
export function safetyPage(routes: readonly Route[]): string {
  const operations = routes.flatMap(classedOperation).toSorted(byAddress);
  const of = (name: StatedSafety['class']) => operations.filter(({ safety }) => safety.class === name);
  return `${head}${loosens}${of('loosens').map(loosensRow).join('\n')}
${plainTable('Tightens', of('tightens'))}${plainTable('Neutral', of('neutral'))}`;
}

function classedOperation({ method, url, summary, safety }: Route): readonly ClassedOperation[] {
  if (safety === undefined) return [];
  const address = `${method} ${url.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`;
  return [{ address, summary, safety: statedSafety(safety) }];
}

function byAddress({ address: a }: ClassedOperation, { address: b }: ClassedOperation): number {
  const [pathA, pathB] = [a, b].map((one) => one.slice(one.indexOf(' ')));
  if (pathA === pathB) return a < b ? -1 : 1;
  return String(pathA) < String(pathB) ? -1 : 1;
}

function plainTable(title: string, operations: readonly ClassedOperation[]): string {
  const rows = operations.map(({ address, summary }) => row([`\`${address}\``, summary]));
  return `\n## ${title}\n\n| operation | what it does |\n| --- | --- |\n${rows.join('\n')}\n`;
}

function loosensRow({ address, summary, safety }: ClassedOperation): string {
  return row([`\`${address}\``, summary, personsOf(safety)]);
}

function personsOf(safety: StatedSafety): string {
  if (safety.class !== 'loosens') return '';
  return 'onePerson' in safety ? `One person. ${safety.onePerson}` : safety.secondPerson;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
