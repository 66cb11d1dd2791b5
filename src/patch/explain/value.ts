import { preview } from '../../core/index.js';
import { isContainer } from '../json-object.js';
import { commonStart } from './common-start.js';

/** The longest JSON text that is shown whole; that of a string is shown up to as much by `preview`. */
const LONGEST = 120;

/** How much of what two long strings have in common is shown before their first difference. */
const CONTEXT = 20;

/** A value as short text on one line: its JSON where that is short, and else what `preview` says of it. */
export function explainValue(value: unknown): string {
  if (!isContainer(value)) return preview(value);
  const text = JSON.stringify(value);
  return text.length > LONGEST ? preview(value) : text;
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
