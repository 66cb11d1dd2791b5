import { preview } from './preview.js';

/** What is wrong with one field, in Kubernetes' words. */
export type CauseType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldManagerConflict'
  | 'ResourceVersionTooLarge'
  | 'UnexpectedServerResponse'
  | 'InternalError';

/** One finding behind an error: which field, and what is wrong with it. */
export interface StatusCause {
  readonly reason: CauseType;
  readonly message: string;
  /** The path of the field, as in `spec.containers[0].image`. */
  readonly field?: string;
}

/** What a field is, with its path: the material of an Invalid error. */
export class FieldError {
  readonly type: CauseType;
  /** As in `spec.containers[0].image`. */
  readonly field: string;
  readonly detail: string;
  readonly value: unknown;

  /** What the messages of its type begin with. */
  readonly #title: string;

  private constructor(type: CauseType, title: string, field: string, value: unknown, detail: string) {
    this.type = type;
    this.#title = title;
    this.field = field;
    this.value = value;
    this.detail = detail;
  }

  static required(field: string, detail = ''): FieldError {
    return new FieldError('FieldValueRequired', 'Required value', field, undefined, detail);
  }
  static invalid(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueInvalid', 'Invalid value', field, value, detail);
  }
  static typeInvalid(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueTypeInvalid', 'Invalid value', field, value, detail);
  }
  static forbidden(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueForbidden', 'Forbidden', field, value, detail);
  }
  static duplicate(field: string, value: unknown): FieldError {
    return new FieldError('FieldValueDuplicate', 'Duplicate value', field, value, '');
  }
  static notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
    const values = `supported values: ${supported.map((item) => JSON.stringify(item)).join(', ')}`;
    return new FieldError('FieldValueNotSupported', 'Unsupported value', field, value, values);
  }
  static tooLong(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueTooLong', 'Too long', field, value, detail);
  }

  toString(): string {
    return `${this.field}: ${this.#message()}`;
  }

  toCause(): StatusCause {
    return { reason: this.type, message: this.#message(), field: this.field };
  }

  #message(): string {
    const value = this.value === undefined ? '' : `: ${preview(this.value)}`;
    const detail = this.detail === '' ? '' : `: ${this.detail}`;
    return `${this.#title}${value}${detail}`;
  }
}
