/** The longest value that a message quotes whole. */
const PREVIEW_LENGTH = 120;
/** The longest name that a message quotes whole: that of most kinds is no longer. */
const NAME_LENGTH = 253;

/** As {@link preview}, for the name of an object. */
export function previewName(name: unknown): string {
  return typeof name === 'string' ? quote(name, NAME_LENGTH) : preview(name);
}

/** A short, safe rendering of any value, for messages. */
export function preview(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value, PREVIEW_LENGTH);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `an array of ${value.length}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    const constructor = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown;
    return typeof constructor === 'function' && constructor.name !== ''
      ? `a ${constructor.name}`
      : 'an instance';
  }
  const keys = Object.keys(value);
  const text = keys.slice(0, 5).map(previewKey).join(', ').slice(0, PREVIEW_LENGTH);
  return keys.length === 0
    ? '{}'
    : `an object with ${keys.length === 1 ? 'key' : 'keys'} ${text}${keys.length > 5 ? ', ...' : ''}`;
}

function quote(text: string, most: number): string {
  if (text.length <= most) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, most))} (${text.length} characters)`;
}

/** A name as it is, or quoted where it has characters that could pass for something else. */
function previewKey(key: string): string {
  return /^[\w$./-]+$/.test(key) ? key : JSON.stringify(key.slice(0, PREVIEW_LENGTH));
}
