import { describe, expect, it } from 'vitest';
import { FieldError } from '../../src/core/index.js';

describe('FieldError', () => {
  it.each<[FieldError, string, string]>([
    [FieldError.required('f'), 'FieldValueRequired', 'Required value'],
    [FieldError.required('f', 'why'), 'FieldValueRequired', 'Required value: why'],
    [FieldError.invalid('f', 'x', 'why'), 'FieldValueInvalid', 'Invalid value: "x": why'],
    [FieldError.invalid('f', undefined, 'why'), 'FieldValueInvalid', 'Invalid value: why'],
    [FieldError.invalid('f', null, 'why'), 'FieldValueInvalid', 'Invalid value: null: why'],
    [FieldError.typeInvalid('f', 1, 'why'), 'FieldValueTypeInvalid', 'Invalid value: 1: why'],
    [FieldError.forbidden('f', undefined, 'why'), 'FieldValueForbidden', 'Forbidden: why'],
    [FieldError.duplicate('f', 'x'), 'FieldValueDuplicate', 'Duplicate value: "x"'],
    [
      FieldError.notSupported('f', 'x', ['a', 'b']),
      'FieldValueNotSupported',
      'Unsupported value: "x": supported values: "a", "b"',
    ],
    [FieldError.tooLong('f', undefined, 'why'), 'FieldValueTooLong', 'Too long: why'],
  ])('%s', (error, reason, message) => {
    expect(error.toCause()).toEqual({ reason, message, field: 'f' });
    expect(error.toString()).toBe(`f: ${message}`);
  });
});
