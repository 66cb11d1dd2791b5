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

  private constructor(type: CauseType, field: string, value: unknown, detail: string) {
    this.type = type;
    this.field = field;
    this.value = value;
    this.detail = detail;
  }

  static required(field: string, detail = ''): FieldError {
    return new FieldError('FieldValueRequired', field, undefined, detail);
  }
  static invalid(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueInvalid', field, value, detail);
  }
  static typeInvalid(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueTypeInvalid', field, value, detail);
  }
  static forbidden(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueForbidden', field, value, detail);
  }
  static duplicate(field: string, value: unknown): FieldError {
    return new FieldError('FieldValueDuplicate', field, value, '');
  }
  static notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
    const values = supported.map((item) => JSON.stringify(item)).join(', ');
    return new FieldError('FieldValueNotSupported', field, value, `supported values: ${values}`);
  }
  static tooLong(field: string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueTooLong', field, value, detail);
  }

  toString(): string {
    return `${this.field}: ${this.#message()}`;
  }

  toCause(): StatusCause {
    return { reason: this.type, message: this.#message(), field: this.field };
  }

  #message(): string {
    const title = CAUSE_TITLES[this.type] ?? this.type;
    const withValue = this.value === undefined ? title : `${title}: ${preview(this.value)}`;
    return this.detail === '' ? withValue : `${withValue}: ${this.detail}`;
  }
}

const CAUSE_TITLES: { readonly [Type in CauseType]?: string } = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueForbidden: 'Forbidden',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
};
