import { preview } from '../../core/index.js';

/** The most bytes of the texts of an Event that are no note. */
const TEXT_LENGTH = 128;

/** @throws TypeError unless it is a text of 1 to 128 bytes; `what` names it. */
export function checkText(what: string, value: unknown): void {
  if (typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= TEXT_LENGTH) return;
  throw new TypeError(`${what}: expected a text of 1 to ${TEXT_LENGTH} bytes, got ${preview(value)}`);
}
