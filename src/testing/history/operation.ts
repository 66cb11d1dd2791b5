import type { LoggedObject } from './logged-change.js';

/** What becomes of an object, given its content from before: its content, undefined for nothing, or false where that cannot be. */
export type Change = (before: string | undefined) => string | undefined | false;

/** What an operation makes of an object. */
export interface Effect {
  /** As `nameOf` gives it. */
  readonly place: string;
  /** The content that it has then, or undefined for a deletion; or a rule for that. What a rule leaves as it was leaves no trace. */
  readonly content: string | undefined | Change;
}

/**
 * A request with its answer, and the moments of both from one counter for the whole history.
 *
 * - `write`: it happened. The revision is that of the object then, and undefined where the answer does not say.
 * - `uncertain`: it may have happened, at the latest when it returned, which may be never.
 * - `each`: all that match, as they were at a moment, were changed after that one by one, unless a rule leaves them as they are by then.
 * - `refused`: it did not happen, for what was there.
 * - `get`: one object as it was, or that there was none.
 * - `list`: all that match as they were at a revision; one that is `old` may be of any time before.
 */
export type Operation = {
  /** What messages call it. */
  readonly name: string;
  readonly invoked: number;
  readonly returned: number;
} & (
  | { readonly kind: 'write'; readonly revision: number | undefined; readonly effects: readonly Effect[] }
  | { readonly kind: 'uncertain'; readonly effects: readonly Effect[] }
  | {
      readonly kind: 'each';
      /** One that was reached by the time of the answer. */
      readonly revision: number;
      readonly objects: readonly LoggedObject[];
      readonly matches: (object: LoggedObject) => boolean;
      readonly content: Change;
    }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly place: string;
      /** Whether what is there is a reason to refuse it. */
      readonly because: (object: LoggedObject | undefined) => boolean;
    }
  | { readonly kind: 'get'; readonly place: string; readonly object: LoggedObject | undefined }
  | {
      readonly kind: 'list';
      readonly revision: number;
      readonly objects: readonly LoggedObject[];
      readonly matches: (object: LoggedObject) => boolean;
      readonly isOld: boolean;
    }
);

/** An operation of one kind. */
export type OperationOf<K extends Operation['kind']> = Extract<Operation, { readonly kind: K }>;
