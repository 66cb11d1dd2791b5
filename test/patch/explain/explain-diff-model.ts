import { define, type JsonObject } from '../../../src/core/index.js';

/** A line of `explainDiff`, taken apart. */
interface Edit {
  readonly sign: '+' | '-' | '';
  readonly path: readonly (string | number)[];
  /** What stands there afterwards; undefined for what is gone. */
  readonly value: unknown;
}

/**
 * Does to `before` what lines say that were written without a schema, the plain way.
 *
 * Undefined where a line shortens a value, and so cannot be followed. `before` must be an object whose lines all have a path.
 */
export function followLines(
  before: unknown,
  lines: readonly string[],
): { readonly result: unknown } | undefined {
  const edits: Edit[] = [];
  for (const line of lines) {
    const edit = readLine(line);
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  return { result: follow(before, edits) };
}

function readLine(line: string): Edit | undefined {
  const sign = line.startsWith('+ ') ? '+' : line.startsWith('- ') ? '-' : '';
  const { path, rest } = readPath(sign === '' ? line : line.slice(2));
  const text = rest.slice(': '.length);
  if (sign === '-') return { sign, path, value: undefined };
  for (const candidate of sign === '+' ? [text] : partsBehindArrows(text)) {
    try {
      return { sign, path, value: JSON.parse(candidate) as unknown };
    } catch {
      // an arrow inside a text, or a value that was shortened
    }
  }
  return undefined;
}

function partsBehindArrows(text: string): readonly string[] {
  return [...text.matchAll(/ -> /g)].map(({ index }) => text.slice(index + ' -> '.length));
}

/** The parts of the path at the start of a text: names are strings, indexes numbers. */
export function readPath(text: string): {
  readonly path: readonly (string | number)[];
  readonly rest: string;
} {
  const path: (string | number)[] = [];
  let rest = text;
  for (;;) {
    const [part, name, index, plain, quoted] =
      /^(?:\.?([A-Za-z_$][\w$-]*)|\[(?:(\d+)|([^\]"=]+)|("(?:[^"\\]|\\.)*"))\])/.exec(rest) ?? [];
    if (part === undefined) return { path, rest };
    path.push(index === undefined ? (name ?? plain ?? (JSON.parse(quoted ?? '') as string)) : Number(index));
    rest = rest.slice(part.length);
  }
}

function follow(before: unknown, edits: readonly Edit[]): unknown {
  const here = edits.find(({ path }) => path.length === 0);
  if (here !== undefined) {
    if (edits.length > 1) throw new Error('Expected one line for what is replaced as a whole');
    return here.value;
  }
  if (edits.length === 0) return before;
  return Array.isArray(before) ? followInArray(before, edits) : followInObject(before as JsonObject, edits);
}

function followInArray(before: readonly unknown[], edits: readonly Edit[]): unknown {
  const { added, removed, inner } = sortOut(edits);
  const gone = new Set(removed.map(({ path }) => path[0]));
  const result = before.filter((_item, index) => !gone.has(index));
  for (const { path, value } of added) result.splice(path[0] as number, 0, value);
  for (const [index, lines] of inner) {
    if (typeof index !== 'number' || index >= result.length)
      throw new Error(`Expected an index, got ${index}`);
    result[index] = follow(result[index], lines);
  }
  return result;
}

function followInObject(before: JsonObject, edits: readonly Edit[]): unknown {
  const { added, removed, inner } = sortOut(edits);
  const members = new Map<string | number, unknown>(Object.entries(before));
  for (const { path } of removed) {
    if (!members.delete(path[0] as string)) throw new Error(`Expected a member to remove, got ${path[0]}`);
  }
  for (const { path, value } of added) {
    if (members.has(path[0] as string)) throw new Error(`Expected no member to add, got ${path[0]}`);
    members.set(path[0] as string, value);
  }
  for (const [name, lines] of inner) {
    if (!members.has(name)) throw new Error(`Expected a member to change, got ${name}`);
    members.set(name, follow(members.get(name), lines));
  }
  const result: Record<string, unknown> = {};
  for (const [name, value] of members) define(result, name as string, value);
  return result;
}

/** The lines that add or remove a member or an item of the value at hand, and those of each part of it. */
function sortOut(edits: readonly Edit[]): {
  readonly added: readonly Edit[];
  readonly removed: readonly Edit[];
  readonly inner: ReadonlyMap<string | number, readonly Edit[]>;
} {
  const own = edits.filter(({ sign, path }) => sign !== '' && path.length === 1);
  const inner = new Map<string | number, Edit[]>();
  for (const edit of edits) {
    if (own.includes(edit)) continue;
    const [first, ...path] = edit.path as [string | number];
    inner.set(first, [...(inner.get(first) ?? []), { ...edit, path }]);
  }
  return {
    added: own.filter(({ sign }) => sign === '+'),
    removed: own.filter(({ sign }) => sign === '-'),
    inner,
  };
}
