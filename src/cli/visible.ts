/**
 * Text for a terminal in which nothing is a command to it: files come from strangers, and a name or a remark in one may
 * hold escape sequences that hide, paint over or retype what stands there. C0 but for line feed and tab, C1 and the
 * signs that turn the direction of writing (Unicode Bidi_Control) are shown as \uXXXX, as JSON writes them.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (sign) =>
    sign === '\n' || sign === '\t' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
