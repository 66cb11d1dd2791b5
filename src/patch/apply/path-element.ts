import { isJsonObject } from '../json-object.js';
import { sortedBy } from '../sorted-by.js';
import { goJson } from './go-json.js';

/** A key field of a list item, as its path element has it. */
export type ElementKey = readonly [name: string, value: unknown];

/** The path element of a field. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The path element of the list item that has these keys, which must be in the order of their names. */
export function keyedElement(keys: readonly ElementKey[]): string {
  return `k:{${keys.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`;
}

/** The path element of an item of a set. */
export function valueElement(value: unknown): string {
  return `v:${goJson(value)}`;
}

/**
 * The normal spelling of a path element that somebody else wrote.
 *
 * Undefined where it is none; null where its type is one that a later version of Kubernetes may know: it is to be ignored.
 */
export function parseElement(text: string): string | null | undefined {
  const content = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'f:':
      return text;
    case 'k:': {
      const keys = parseJson(content);
      if (!isJsonObject(keys)) return undefined;
      return keyedElement(sortedBy(Object.entries(keys), ([name]) => name));
    }
    case 'v:': {
      const value = parseJson(content);
      return value === undefined ? undefined : valueElement(value);
    }
    case 'i:':
      return /^[+-]?[0-9]{1,15}$/.test(content) ? `i:${Number(content)}` : undefined;
    default:
      return text[1] === ':' ? null : undefined;
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
      const keys = Object.entries(JSON.parse(content) as object);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${JSON.stringify(JSON.parse(content))}]`;
    default:
      return `[${content}]`;
  }
}
