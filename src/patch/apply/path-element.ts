import { isJsonObject } from '../json-object.js';

/** A key field of a list item, as its path element has it. */
export type ElementKey = readonly [name: string, value: unknown];

/** The path element of a field. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The path element of the list item that has these keys, which must be in the order of their names. */
export function keyedElement(keys: readonly ElementKey[]): string {
  return `k:{${keys.map(([name, value]) => `${quote(name)}:${elementText(value)}`).join(',')}}`;
}

/** The path element of an item of a set. */
export function valueElement(value: unknown): string {
  return `v:${elementText(value)}`;
}

/** A value as JSON, escaped as Go escapes it: equal values have one text. */
export function elementText(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return escapeAsGo(JSON.stringify(value));
}

/** A string as JSON. */
export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : escapeAsGo(JSON.stringify(text));
}

/** Printable ASCII that neither JSON nor Go's JSON escapes. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

/** Go writes these six escapes where JavaScript has the character itself, or a shorter escape. */
function escapeAsGo(json: string): string {
  return json.replace(/\\.|[<>&\u2028\u2029]/gs, (match) => {
    if (match === '\\b') return '\\u0008';
    if (match === '\\f') return '\\u000c';
    if (match.startsWith('\\')) return match;
    return `\\u${match.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/**
 * The normal spelling of a path element that somebody else wrote.
 *
 * Undefined where it is none; null where its type is one that a later version of Kubernetes may know: it is to be ignored.
 */
export function parseElement(text: string): string | null | undefined {
  if (text.startsWith('f:')) return text;
  if (text.length < 2 || text[1] !== ':') return undefined;
  const content = text.slice(2);
  switch (text[0]) {
    case 'k': {
      const keys = parseJson(content);
      if (!isJsonObject(keys)) return undefined;
      return keyedElement(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    case 'v': {
      const value = parseJson(content);
      return value === undefined ? undefined : valueElement(value);
    }
    case 'i':
      return /^[+-]?[0-9]{1,15}$/.test(content) ? `i:${Number(content)}` : undefined;
    default:
      return null;
  }
}

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A path for people, as Kubernetes writes it: `.spec.containers[name="app"].image`. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatElement).join('');
}

function formatElement(element: string): string {
  const content = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${content}`;
    case 'k': {
      const keys = parseJson(content);
      const pairs = isJsonObject(keys) ? Object.entries(keys) : [];
      return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${JSON.stringify(parseJson(content))}]`;
    default:
      return `[${content}]`;
  }
}
