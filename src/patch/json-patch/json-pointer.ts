import { escapePathComponent, unescapePathComponent } from 'fast-json-patch/module/helpers.mjs';

/**
 * The tokens of a JSON pointer, unescaped: first an empty one for the document itself, so that `/a/b~1c` has ``, `a` and `b/c`.
 *
 * Undefined where the text is no pointer: it must be empty or begin with `/`, and `~` must be followed by `0` or `1`.
 *
 * Source: RFC 6901.
 */
export function parseJsonPointer(text: string): readonly string[] | undefined {
  const tokens = text.split('/');
  if (tokens[0] !== '' || /~(?![01])/.test(text)) return undefined;
  return text.includes('~') ? tokens.map(unescapePathComponent) : tokens;
}

/** The pointer of such tokens. */
export function formatJsonPointer(tokens: readonly string[]): string {
  return tokens.map(escapePathComponent).join('/');
}

/**
 * The array index that a token stands for, or undefined where it is none: digits without a leading zero, as in `0` and `10`.
 *
 * Source: RFC 6901, section 4. Kubernetes also takes `01`, `+1`, and `-1` for the last element; here they are no index.
 */
export function parseArrayIndex(token: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(token) ? Number(token) : undefined;
}
