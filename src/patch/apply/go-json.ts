import { isJsonObject } from '../json-object.js';

/** A value as JSON, escaped as Go escapes it: equal scalars have one text. */
export function goJson(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  // Go has a longer escape for \b and \f, and escapes characters that JavaScript does not
  return JSON.stringify(value).replace(/\\.|[<>&\u2028\u2029]/g, (match) =>
    /^\\[^bf]/.test(match) ? match : escapeCharacter(JSON.parse(`"${match}"`) as string),
  );
}

/** Printable ASCII that neither JSON nor Go's JSON escapes: nearly every key. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

/** A whole value as such JSON, the same for equal ones: the members of objects come in the order of their names. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isJsonObject(value)) return goJson(value ?? null);
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${goJson(name)}:${sortedJson(value[name])}`)
    .join(',')}}`;
}

/** A character as `\u` and its code. */
export function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
