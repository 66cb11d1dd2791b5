import { ApiError } from './api-error.js';
import { preview } from './preview.js';

/** One condition of a field selector. */
export interface FieldRequirement {
  /** As in `status.phase`. */
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** The longest selector that is read, in characters: 64 Ki. */
const SELECTOR_LENGTH = 64 * 1024;

/**
 * A condition on fields of an object, such as `spec.nodeName=node-1,status.phase!=Failed`.
 *
 * - Immutable. All requirements must hold; without any, every object matches.
 * - A field that an object does not have counts as empty.
 * - In values, `\`, `,` and `=` are written as `\\`, `\,` and `\=`. White space counts; empty terms do not.
 *
 * Source: `fields.Selector` in k8s.io/apimachinery.
 */
export class FieldSelector {
  // made when first asked for, so that a bundle that asks for none needs no FieldSelector
  static #everything: FieldSelector | undefined;

  /** In the order of their canonical texts. */
  readonly requirements: readonly FieldRequirement[];
  /** The fields that the selector reads, each once. */
  readonly fields: readonly string[];
  // the canonical text
  readonly #text: string;

  private constructor(requirements: readonly FieldRequirement[]) {
    const printed = requirements.map((requirement) => ({ requirement, text: print(requirement) }));
    printed.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
    this.#text = printed.map((item) => item.text).join(',');
    this.requirements = Object.freeze(printed.map((item) => Object.freeze({ ...item.requirement })));
    this.fields = Object.freeze([...new Set(this.requirements.map((requirement) => requirement.field))]);
    Object.freeze(this);
  }

  /** The selector that every object matches. */
  static get everything(): FieldSelector {
    return (FieldSelector.#everything ??= new FieldSelector([]));
  }

  /**
   * The selector of a text; an empty one matches everything.
   *
   * @throws ApiError BadRequest naming the text, the term and what was expected; also for more than 64 Ki characters.
   */
  static parse(text: string): FieldSelector {
    if (typeof text !== 'string') {
      throw ApiError.badRequest(`expected a field selector as a string, got ${preview(text)}`);
    }
    if (text.length > SELECTOR_LENGTH) {
      throw ApiError.badRequest(
        `expected a field selector of at most ${SELECTOR_LENGTH} characters, got ${text.length}: ${preview(text)}`,
      );
    }
    const requirements: FieldRequirement[] = [];
    for (const term of splitTerms(text)) {
      if (term.text !== '') requirements.push(parseTerm(term.text, term.position, text));
    }
    return FieldSelector.#of(requirements);
  }

  /**
   * The selector that asks each field of a map for its value.
   *
   * @throws ApiError BadRequest where a value is not a string, or a field has one of `=`, `!`, `,` and `\` in its name.
   */
  static from(fields: Readonly<Record<string, string>>): FieldSelector {
    const requirements = Object.keys(fields).map((field): FieldRequirement => {
      const value: unknown = fields[field];
      if (/[=!,\\]/.test(field)) {
        throw ApiError.badRequest(`expected a field without '=', '!', ',' and '\\', got ${preview(field)}`);
      }
      if (typeof value !== 'string')
        throw ApiError.badRequest(`expected a string, got ${preview(value)}`, field);
      return { field, operator: '=', value };
    });
    return FieldSelector.#of(requirements);
  }

  /** A term without field and value, as in `=`, asks for nothing. */
  static #of(requirements: readonly FieldRequirement[]): FieldSelector {
    const asked = requirements.filter(({ field, value }) => field !== '' || value !== '');
    return asked.length === 0 ? FieldSelector.everything : new FieldSelector(asked);
  }

  /** Whether everything matches. */
  get empty(): boolean {
    return this.requirements.length === 0;
  }

  /** Whether fields match, given as a map of which only own properties count, or as a function from field to value. */
  matches(fields: Readonly<Record<string, string>> | ((field: string) => string)): boolean {
    for (const { field, operator, value } of this.requirements) {
      const found =
        typeof fields === 'function' ? fields(field) : Object.hasOwn(fields, field) ? fields[field] : '';
      if ((found === value) !== (operator === '=')) return false;
    }
    return true;
  }

  /** The value that a field must have for an object to match; undefined where there is no single one asked for. */
  requiresExactMatch(field: string): string | undefined {
    return this.requirements.find((item) => item.operator === '=' && item.field === field)?.value;
  }

  /** The canonical text, which {@link FieldSelector.parse} reads. */
  toString(): string {
    return this.#text;
  }
}

function print({ field, operator, value }: FieldRequirement): string {
  return `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`;
}

/** The texts between commas that no backslash escapes, with their positions. */
function splitTerms(text: string): { readonly text: string; readonly position: number }[] {
  const terms: { text: string; position: number }[] = [];
  let start = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const character = text[index];
    if (character === '\\') {
      index += 1;
    } else if (character === ',') {
      terms.push({ text: text.slice(start, index), position: start });
      start = index + 1;
    }
  }
  terms.push({ text: text.slice(start), position: start });
  return terms;
}

function parseTerm(term: string, position: number, text: string): FieldRequirement {
  const at = (): string => `field selector ${preview(text)} at position ${position}`;
  const match = /!=|==|=/.exec(term);
  if (match === null)
    throw ApiError.badRequest(`${at()}: expected field=value or field!=value, got ${preview(term)}`);
  const field = term.slice(0, match.index);
  const raw = term.slice(match.index + match[0].length);
  if (!/^(?:[^\\,=]|\\[\\,=])*$/.test(raw)) {
    throw ApiError.badRequest(
      `${at()}: expected a value in which \\ , and = are escaped with \\ and nothing else is, got ${preview(raw)}`,
    );
  }
  return { field, operator: match[0] === '!=' ? '!=' : '=', value: raw.replace(/\\(.)/g, '$1') };
}
