import { describe, expect, it } from 'vitest';
import {
  ApiError,
  FieldError,
  isAlreadyExists,
  isAmbiguous,
  isBadRequest,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  STATUS_CODES,
  type StatusReason,
} from '../../src/core/index.js';

const REASONS = Object.keys(STATUS_CODES) as StatusReason[];
const website = { group: 'example.com', kind: 'Website', plural: 'websites' };
const pod = { group: '', kind: 'Pod', plural: 'pods' };

describe('ApiError', () => {
  it.each([
    ['Unauthorized', 401],
    ['Forbidden', 403],
    ['NotFound', 404],
    ['AlreadyExists', 409],
    ['Conflict', 409],
    ['Gone', 410],
    ['Invalid', 422],
    ['ServerTimeout', 500],
    ['StoreReadError', 500],
    ['Timeout', 504],
    ['TooManyRequests', 429],
    ['BadRequest', 400],
    ['MethodNotAllowed', 405],
    ['NotAcceptable', 406],
    ['RequestEntityTooLarge', 413],
    ['UnsupportedMediaType', 415],
    ['InternalError', 500],
    ['Expired', 410],
    ['ServiceUnavailable', 503],
    ['Unknown', 500],
  ] as const)('of reason %s has code %i', (reason, code) => {
    const error = new ApiError({ reason, message: 'm' });
    expect([error.reason, error.code, error.message, error.name]).toEqual([reason, code, 'm', 'ApiError']);
    expect(error).toBeInstanceOf(Error);
    expect([error.ambiguous, error.details, error.cause]).toEqual([false, {}, undefined]);
  });

  it('has the code, the cause and the ambiguity that it is given', () => {
    const cause = new Error('socket');
    const error = new ApiError({ reason: 'Timeout', message: 'm', code: 599, cause, ambiguous: true });
    expect([error.code, error.cause, error.ambiguous]).toEqual([599, cause, true]);
  });

  it.each(REASONS)('of reason %s comes back from its Status as it was', (reason) => {
    const error = new ApiError({
      reason,
      message: 'what happened',
      details: {
        name: 'a',
        kind: 'websites',
        causes: [{ reason: 'FieldValueInvalid', message: 'm', field: 'f' }],
      },
    });
    const wire = JSON.parse(JSON.stringify(error.toStatus())) as Parameters<typeof ApiError.fromStatus>[0];
    const back = ApiError.fromStatus(wire);
    expect([back.reason, back.code, back.message, back.details]).toEqual([
      error.reason,
      error.code,
      error.message,
      error.details,
    ]);
    expect(back.toStatus()).toEqual(error.toStatus());
  });

  it('makes the Status that Kubernetes answers with', () => {
    expect(ApiError.notFound(website, 'a').toStatus()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'websites.example.com "a" not found',
      reason: 'NotFound',
      details: { name: 'a', group: 'example.com', kind: 'websites' },
      code: 404,
    });
    const unknown = new ApiError({ reason: 'Unknown', message: 'm' }).toStatus();
    expect(Object.keys(unknown)).toEqual(['kind', 'apiVersion', 'metadata', 'status', 'message', 'code']);
  });

  it.each(['Strange', '__proto__', 'constructor', 'toString', ''])(
    'reads the reason %j, which it does not know, as Unknown',
    (reason) => {
      const error = ApiError.fromStatus({ reason, code: 418 });
      expect([error.reason, error.code]).toEqual(['Unknown', 418]);
      expect(error.message).toBe(`the server answered ${reason}`);
    },
  );

  it('quotes no name in a message that is longer than names are, and has it whole in its details', () => {
    const name = 'a'.repeat(100_000);
    const errors = [
      ApiError.notFound(pod, name),
      ApiError.conflict(pod, name, 'it changed'),
      ApiError.invalid(pod, name, [FieldError.invalid('metadata.name', 'a', 'expected less')]),
    ];
    for (const error of errors) {
      expect(error.message.length).toBeLessThan(400);
      expect(error.message).toContain('(100000 characters)');
      expect(error.details.name).toBe(name);
    }
  });

  it('reads a Status that says nothing', () => {
    const error = ApiError.fromStatus({});
    expect([error.reason, error.code, error.message]).toEqual([
      'Unknown',
      500,
      'the server answered with an unknown error',
    ]);
  });

  it.each<[string, ApiError, StatusReason, string, object]>([
    [
      'notFound',
      ApiError.notFound(pod, 'a'),
      'NotFound',
      'pods "a" not found',
      { name: 'a', group: '', kind: 'pods' },
    ],
    [
      'alreadyExists',
      ApiError.alreadyExists(website, 'a'),
      'AlreadyExists',
      'websites.example.com "a" already exists',
      { name: 'a', group: 'example.com', kind: 'websites' },
    ],
    [
      'conflict',
      ApiError.conflict(pod, 'a', 'it changed'),
      'Conflict',
      'Operation cannot be fulfilled on pods "a": it changed',
      { name: 'a', group: '', kind: 'pods' },
    ],
    [
      'forbidden',
      ApiError.forbidden(website, 'a', 'not yours'),
      'Forbidden',
      'websites.example.com "a" is forbidden: not yours',
      { name: 'a', group: 'example.com', kind: 'websites' },
    ],
    [
      'methodNotAllowed',
      ApiError.methodNotAllowed(pod, 'patch'),
      'MethodNotAllowed',
      'patch is not supported on resources of kind "pods"',
      { group: '', kind: 'pods' },
    ],
    ['badRequest', ApiError.badRequest('no'), 'BadRequest', 'no', {}],
    [
      'badRequest of a field',
      ApiError.badRequest('no', 'metadata.name'),
      'BadRequest',
      'metadata.name: no',
      { causes: [{ reason: 'FieldValueInvalid', message: 'no', field: 'metadata.name' }] },
    ],
    ['expired', ApiError.expired('gone by'), 'Expired', 'gone by', {}],
    ['timeout', ApiError.timeout('late'), 'Timeout', 'late', {}],
    ['timeout to be repeated', ApiError.timeout('late', 3), 'Timeout', 'late', { retryAfterSeconds: 3 }],
    [
      'tooManyRequests',
      ApiError.tooManyRequests('slow down', 2),
      'TooManyRequests',
      'slow down',
      { retryAfterSeconds: 2 },
    ],
    ['requestEntityTooLarge', ApiError.requestEntityTooLarge('big'), 'RequestEntityTooLarge', 'big', {}],
    [
      'requestEntityTooLarge of a field',
      ApiError.requestEntityTooLarge('big', 'data'),
      'RequestEntityTooLarge',
      'data: big',
      { causes: [{ reason: 'FieldValueTooLong', message: 'big', field: 'data' }] },
    ],
    ['serviceUnavailable', ApiError.serviceUnavailable('closed'), 'ServiceUnavailable', 'closed', {}],
    ['internal', ApiError.internal('bug'), 'InternalError', 'Internal error occurred: bug', {}],
  ])('made by %s says what Kubernetes says', (_name, error, reason, message, details) => {
    expect([error.reason, error.message, error.details]).toEqual([reason, message, details]);
    expect(error.code).toBe(STATUS_CODES[reason]);
  });

  it('keeps the cause of an internal error', () => {
    const cause = new Error('disk');
    expect(ApiError.internal('bug', cause).cause).toBe(cause);
  });

  it('names every field that is invalid, in the message and in the causes', () => {
    const one = FieldError.required('spec.image', 'expected string');
    const two = FieldError.invalid('spec.replicas', -1, 'expected at least 0');
    expect(ApiError.invalid(website, 'a', [one]).message).toBe(
      'Website.example.com "a" is invalid: spec.image: Required value: expected string',
    );
    const error = ApiError.invalid(pod, 'a', [one, two]);
    expect(error.message).toBe(
      'Pod "a" is invalid: [spec.image: Required value: expected string, spec.replicas: Invalid value: -1: expected at least 0]',
    );
    expect(error.details).toEqual({
      name: 'a',
      group: '',
      kind: 'Pod',
      causes: [
        { reason: 'FieldValueRequired', message: 'Required value: expected string', field: 'spec.image' },
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: -1: expected at least 0',
          field: 'spec.replicas',
        },
      ],
    });
  });
});

describe('the guards', () => {
  const guards: readonly [string, (error: unknown) => boolean, readonly StatusReason[]][] = [
    ['isNotFound', isNotFound, ['NotFound']],
    ['isAlreadyExists', isAlreadyExists, ['AlreadyExists']],
    ['isConflict', isConflict, ['Conflict']],
    ['isInvalid', isInvalid, ['Invalid']],
    ['isBadRequest', isBadRequest, ['BadRequest']],
    ['isForbidden', isForbidden, ['Forbidden']],
    ['isUnauthorized', isUnauthorized, ['Unauthorized']],
    ['isExpired', isExpired, ['Expired', 'Gone']],
    ['isTimeout', isTimeout, ['Timeout', 'ServerTimeout']],
    ['isTooManyRequests', isTooManyRequests, ['TooManyRequests']],
  ];
  it.each(guards)('%s is true for its reasons alone', (_name, guard, reasons) => {
    const held = REASONS.filter((reason) => guard(new ApiError({ reason, message: 'm' })));
    expect(held.sort()).toEqual([...reasons].sort());
    for (const other of [undefined, null, 'NotFound', new Error('m'), { reason: reasons[0], code: 404 }]) {
      expect(guard(other)).toBe(false);
    }
  });

  it('isAmbiguous is true where a write may have happened', () => {
    expect(isAmbiguous(new ApiError({ reason: 'Timeout', message: 'm', ambiguous: true }))).toBe(true);
    expect(isAmbiguous(new ApiError({ reason: 'Timeout', message: 'm' }))).toBe(false);
    expect(isAmbiguous({ ambiguous: true })).toBe(false);
  });
});
