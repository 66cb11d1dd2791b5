import { joinPath, preview } from '../../core/index.js';
import { escapeCharacter } from '../apply/go-json.js';

/** Names that need no quotes: of Kubernetes' fields, labels and annotations nearly all. */
const PLAIN_NAME = /^(?!\d+$)[\w$./@:~-]{1,400}$/;

/** What would break a line or change how a terminal shows it. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The longest path that is shown whole. */
const LONGEST_PATH = 1_000;

/**
 * The path of a member: `spec` and `image` make `spec.image`, `data` and `a.b` make `data[a.b]`.
 *
 * A name that could be mistaken for something else, such as `0` or `a]`, stands in quotes: `data["0"]`.
 */
export function memberPath(path: string, name: string): string {
  return joinPath(path, PLAIN_NAME.test(name) ? name : preview(name));
}

/** A line from its parts: a sign, a path (the root's is empty), and text about it, if any. */
export function pathLine(sign: '' | '+ ' | '- ', path: string, text: string): string {
  const colon = path === '' || text === '' ? '' : ': ';
  return `${sign}${shortPath(path)}${colon}${text}`.replaceAll(UNPRINTABLE, escapeCharacter);
}

/** A path, or a part of one, without its middle where it is too long to be shown. */
export function shortPath(path: string): string {
  const half = LONGEST_PATH / 2;
  return path.length <= LONGEST_PATH ? path : `${path.slice(0, half)}...${path.slice(-half)}`;
}
