import type { ConverterFile, Sdk, XmlDocument, XmlNode } from '../../src/sdk/sdk.ts';

/** The DataForm of the scan and the file that it stands in. */
export interface Form {
  readonly file: ConverterFile;
  readonly xml: XmlDocument;
  readonly root: XmlNode;
}

/** The newest of the forms that came, and the older ones. @throws NII_TRUNCATED without any */
export function formOf(
  files: readonly ConverterFile[],
  sdk: Sdk,
): { readonly form: Form; readonly older: readonly ConverterFile[] } {
  const forms = files
    .filter(({ role }) => role === 'metadata')
    .map((file) => ({ file, xml: sdk.xml(file) }))
    .map(({ file, xml }) => ({ file, xml, root: xml.root }))
    .toSorted((a, b) => updatesOf(b) - updatesOf(a) || (a.file.name < b.file.name ? -1 : 1));
  const [form, ...others] = forms;
  if (form === undefined) throw sdk.error('NII_TRUNCATED', 'the DataForm of this scan has not come');
  for (const { file } of others) sdk.warn('NII_W_FILE_UNUSED', { field: file.name });
  return { form, older: others.map(({ file }) => file) };
}

function updatesOf({ root }: Pick<Form, 'root'>): number {
  const count = Number(textAt(root, 'UpdateCount'));
  return Number.isFinite(count) ? count : 0;
}

/** Without its prefix: V01.20 has a namespace, V01.07 none. */
export function localName({ name }: XmlNode): string {
  return name.slice(name.indexOf(':') + 1);
}

export function childrenOf(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  return (node?.children ?? []).filter((child) => localName(child) === name);
}

/** First child by each name in turn. */
export function nodeAt(node: XmlNode | undefined, ...path: readonly string[]): XmlNode | undefined {
  return path.reduce<XmlNode | undefined>(
    (at, name) => at?.children.find((child) => localName(child) === name),
    node,
  );
}

/** Empty where there is no such element, or nothing in it. */
export function textAt(node: XmlNode | undefined, ...path: readonly string[]): string {
  return nodeAt(node, ...path)?.text.trim() ?? '';
}

/** The node and everything in it, in document order. */
export function everyNode(node: XmlNode): readonly XmlNode[] {
  return [node, ...node.children.flatMap(everyNode)];
}
