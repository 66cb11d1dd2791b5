import { type JsonObject, preview } from '../../core/index.js';

/** The longest JSON text that is shown whole; that of a string is shown up to as much by `preview`. */
const LONGEST = 120;

/** How much of what two long strings have in common is shown before their first difference. */
const CONTEXT = 20;

/** A value as short text on one line: its JSON where that is short, and else what `preview` says of it. */
export function explainValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return preview(value);
  const parts: string[] = [];
  return writeJson(value, parts, LONGEST) < 0 ? preview(value) : parts.join('');
}

/** A value and what it became; of two long strings the part where they begin to differ. */
export function explainChange(before: unknown, after: unknown): string {
  if (typeof before !== 'string' || typeof after !== 'string' || !isLong(before, after)) {
    return `${explainValue(before)} -> ${explainValue(after)}`;
  }
  const start = Math.max(0, commonStart(before, after) - CONTEXT);
  const where = start === 0 ? '' : ` (from character ${start})`;
  return `${preview(before.slice(start))} -> ${preview(after.slice(start))}${where}`;
}

/** Appends the JSON of a value to `parts`; answers how much of `room` is left, and below 0 stops early. */
function writeJson(value: unknown, parts: string[], room: number): number {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'string' && value.length > room) return -1;
    const text = JSON.stringify(value) ?? preview(value);
    parts.push(text);
    return room - text.length;
  }
  const isArray = Array.isArray(value);
  const names = isArray ? [] : Object.keys(value);
  const size = isArray ? value.length : names.length;
  let left = room - 2;
  parts.push(isArray ? '[' : '{');
  for (let index = 0; index < size && left >= 0; index += 1) {
    if (index > 0) parts.push(',');
    const name = names[index];
    if (name === undefined) {
      left = writeJson((value as readonly unknown[])[index], parts, left - 1);
    } else {
      left = writeJson(name, parts, left - 2);
      parts.push(':');
      if (left >= 0) left = writeJson((value as JsonObject)[name], parts, left);
    }
  }
  parts.push(isArray ? ']' : '}');
  return left;
}

function isLong(before: string, after: string): boolean {
  return before.length > LONGEST || after.length > LONGEST;
}

function commonStart(before: string, after: string): number {
  const end = Math.min(before.length, after.length);
  let index = 0;
  while (index < end && before.charCodeAt(index) === after.charCodeAt(index)) index += 1;
  return index;
}
