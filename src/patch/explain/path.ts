import { joinPath, preview } from '../../core/index.js';
import { escapeCharacter } from '../apply/go-json.js';

/** Names that need no quotes: of Kubernetes' fields, labels and annotations nearly all. */
const PLAIN_NAME = /^(?!\d+$)[\w$./@:~-]{1,400}$/;

/** What would break a line or change how a terminal shows it. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The longest path, or list of managers, that is shown whole. */
const LONGEST = 1_000;

/**
 * The path of a member: `spec` and `image` make `spec.image`, `data` and `a.b` make `data[a.b]`.
 *
 * A name that could be mistaken for something else, such as `0` or `a]`, stands in quotes: `data["0"]`.
 */
export function memberPath(path: string, name: string): string {
  return joinPath(path, PLAIN_NAME.test(name) ? name : preview(name));
}

/** What a line begins with: of what was changed, is new, or is gone. */
export type Sign = '' | '+ ' | '- ';

/** A line from its parts: a sign, a path (the root's is empty), and text about it, if any. */
export function pathLine(sign: Sign, path: string, text: string): string {
  const colon = path === '' || text === '' ? '' : ': ';
  return `${sign}${shorten(path)}${colon}${text}`.replaceAll(UNPRINTABLE, escapeCharacter);
}

/** A text without its middle where it is too long to be shown. */
export function shorten(text: string): string {
  const half = LONGEST / 2;
  return text.length <= LONGEST ? text : `${text.slice(0, half)}...${text.slice(-half)}`;
}
