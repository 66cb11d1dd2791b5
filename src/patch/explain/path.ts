import { preview } from '../../core/index.js';

/** Names that need no quotes: of Kubernetes' fields, labels and annotations nearly all. */
const IDENTIFIER = /^[A-Za-z_$][\w$-]{0,99}$/;
const PLAIN_NAME = /^(?!\d+$)[\w$./@:~-]{1,400}$/;

/** What would break a line or change how a terminal shows it. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The longest path that is shown whole. */
const LONGEST_PATH = 1_000;

/**
 * The path of a member: `spec` and `image` make `spec.image`, `data` and `a.b` make `data[a.b]`.
 *
 * A name that could be mistaken for something else, such as `0` or `a]`, stands in quotes: `data["0"]`.
 */
export function memberPath(path: string, name: string): string {
  if (IDENTIFIER.test(name)) return path === '' ? name : `${path}.${name}`;
  return `${path}[${PLAIN_NAME.test(name) ? name : preview(name)}]`;
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

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
