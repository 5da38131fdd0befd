/** What a reason is called. */
interface Labelled {
  readonly code: string;
  readonly labels: readonly { readonly language: string; readonly text: string }[];
}

/** @param languages - tags, the best first; a part of a language (fr-CA) takes the language (fr), and none of them English */
export function labelOf(
  reasons: readonly Labelled[],
  code: string,
  languages: readonly (string | undefined)[],
): string {
  const labels = reasons.find((one) => one.code === code)?.labels ?? [];
  const wanted = [...languages, 'en'].flatMap((tag) =>
    tag === undefined ? [] : [tag.toLowerCase(), mainOf(tag)],
  );
  for (const tag of wanted) {
    const label = labels.find(({ language }) => language.toLowerCase() === tag);
    if (label !== undefined) return label.text;
  }
  return labels[0]?.text ?? code;
}

function mainOf(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? tag;
}
