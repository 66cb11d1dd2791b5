import { define, preview } from '../../core/index.js';
import { isJsonObject } from '../json-object.js';

/** The longest JSON text that is shown whole; that of a string is shown up to as much by `preview`. */
const LONGEST = 120;

/** How much of what two long strings have in common is shown before their first difference. */
const CONTEXT = 20;

/** A value as short text on one line: its JSON where that is short, and else what `preview` says of it. */
export function explainValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return preview(value);
  const text = JSON.stringify(value);
  return text.length > LONGEST ? preview(value) : text;
}

/** The JSON of a value, the same for equal ones: the keys of its objects come in one order. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? '';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) define(result, name, sorted(value[name]));
  return result;
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

function isLong(before: string, after: string): boolean {
  return before.length > LONGEST || after.length > LONGEST;
}

function commonStart(before: string, after: string): number {
  const end = Math.min(before.length, after.length);
  let index = 0;
  while (index < end && before.charCodeAt(index) === after.charCodeAt(index)) index += 1;
  return index;
}
