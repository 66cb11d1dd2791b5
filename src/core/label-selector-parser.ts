import { ApiError } from './api-error.js';
import { preview } from './preview.js';
import { type CompiledRequirement, compileRequirement, type LabelOperator } from './label-requirement.js';

/** The longest selector that is read, in characters: 64 Ki. */
const SELECTOR_LENGTH = 64 * 1024;

/** A word, an operator or a mark of a selector; `text` is '' at the end of it. */
interface Token {
  readonly kind: 'word' | 'mark' | 'end';
  readonly text: string;
  readonly position: number;
}

/** Operators that stand between a key and its values. */
const BINARY_OPERATORS: ReadonlyMap<string, LabelOperator> = /* @__PURE__ */ new Map<string, LabelOperator>([
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
  ['in', 'in'],
  ['notin', 'notin'],
]);

/**
 * The requirements of a selector's text, in the order of the text.
 *
 * @throws ApiError BadRequest naming the text, the position in it (from 0) and what was expected.
 *
 * Source: `labels.Parse` in k8s.io/apimachinery.
 */
export function parseLabelSelector(text: string): CompiledRequirement[] {
  if (typeof text !== 'string') {
    throw ApiError.badRequest(`expected a label selector as a string, got ${preview(text)}`);
  }
  if (text.length > SELECTOR_LENGTH) {
    throw ApiError.badRequest(
      `expected a label selector of at most ${SELECTOR_LENGTH} characters, got ${text.length}: ${preview(text)}`,
    );
  }
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  // the next token that is not consumed yet
  #next: Token;
  // where the text after #next begins
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  parse(): CompiledRequirement[] {
    const requirements: CompiledRequirement[] = [];
    if (this.#next.kind === 'end') return requirements;
    for (;;) {
      requirements.push(this.#requirement());
      const token = this.#take();
      if (token.kind === 'end') return requirements;
      if (token.text !== ',') throw this.#unexpected(token, "',' or the end");
    }
  }

  #requirement(): CompiledRequirement {
    const first = this.#take();
    const negated = first.text === '!';
    const key = negated ? this.#take() : first;
    if (key.kind !== 'word') throw this.#unexpected(key, negated ? 'a label key' : "a label key or '!'");
    if (negated) return this.#compile(key, '!', []);
    if (this.#ends()) return this.#compile(key, 'exists', []);

    const token = this.#take();
    const operator = BINARY_OPERATORS.get(token.text);
    if (operator === undefined) throw this.#unexpected(token, 'one of =, ==, !=, in, notin, <, >');
    const values = operator === 'in' || operator === 'notin' ? this.#set() : [this.#value()];
    return this.#compile(key, operator, values);
  }

  #compile(key: Token, operator: LabelOperator, values: readonly string[]): CompiledRequirement {
    return compileRequirement(key.text, operator, values, () => this.#at(key));
  }

  /** A value after `=` and its like: what is missing is the empty value. */
  #value(): string {
    if (this.#ends()) return '';
    const token = this.#take();
    if (token.kind !== 'word') throw this.#unexpected(token, 'a label value');
    return token.text;
  }

  /** Values in parentheses: what is missing beside a comma, or between the parentheses, is the empty value. */
  #set(): string[] {
    const open = this.#take();
    if (open.text !== '(') throw this.#unexpected(open, "'('");
    if (this.#skip(')')) return [''];
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      if (token.kind === 'word') {
        values.add(token.text);
        if (this.#skip(')')) return [...values];
        if (this.#next.text !== ',') throw this.#unexpected(this.#next, "',' or ')'");
      } else if (token.text === ',') {
        if (values.size === 0) values.add('');
        if (this.#skip(')')) return [...values.add('')];
        // of two commas in a row the second does not end the list: a value or a comma follows it
        if (this.#skip(',')) values.add('');
      } else {
        throw this.#unexpected(token, "a label value or ','");
      }
    }
  }

  /** Consumes the next token if it is this mark. */
  #skip(mark: string): boolean {
    if (this.#next.text !== mark) return false;
    this.#take();
    return true;
  }

  /** Whether the requirement ends here. */
  #ends(): boolean {
    return this.#next.kind === 'end' || this.#next.text === ',';
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== 'end') this.#next = this.#read();
    return token;
  }

  #read(): Token {
    const text = this.#text;
    let start = this.#position;
    while (start < text.length && isSpace(text.charCodeAt(start))) start += 1;
    let end = start;
    while (end < text.length && !isMark(text.charCodeAt(end)) && !isSpace(text.charCodeAt(end))) end += 1;
    const kind = start === text.length ? 'end' : start === end ? 'mark' : 'word';
    if (kind === 'mark') end += text.startsWith('==', start) || text.startsWith('!=', start) ? 2 : 1;
    this.#position = end;
    return { kind, text: text.slice(start, end), position: start };
  }

  #at(token: Token): string {
    return `label selector ${preview(this.#text)} at position ${token.position}`;
  }

  #unexpected(token: Token, expected: string): ApiError {
    const found = token.kind === 'end' ? 'the end' : preview(token.text);
    return ApiError.badRequest(`${this.#at(token)}: expected ${expected}, got ${found}`);
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/** Whether it is one of `! ( ) , < = >`. */
function isMark(code: number): boolean {
  return code === 0x21 || code === 0x28 || code === 0x29 || code === 0x2c || (code >= 0x3c && code <= 0x3e);
}
