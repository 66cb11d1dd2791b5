import { describe, expect, it } from 'vitest';
import { EtcdError } from '../../../../src/store/storage/etcd/etcd-error.js';

describe('an error of etcd', () => {
  // code, what etcd or the gRPC client says, the reason it becomes, whether the write may have happened
  const cases: readonly (readonly [number, string, string, boolean])[] = [
    [1, 'Call cancelled', 'ServiceUnavailable', true],
    [2, 'unknown', 'InternalError', true],
    [3, 'etcdserver: request is too large', 'RequestEntityTooLarge', false],
    [3, 'etcdserver: too many operations in txn request', 'RequestEntityTooLarge', false],
    [3, 'etcdserver: user name is empty', 'Unauthorized', false],
    [3, 'etcdserver: duplicate key given in txn request', 'InternalError', false],
    [3, 'etcdserver: authentication failed, invalid user ID or password', 'Unauthorized', false],
    [4, 'no answer within 5000 ms', 'Timeout', true],
    [7, 'etcdserver: permission denied', 'Forbidden', false],
    [8, 'etcdserver: mvcc: database space exceeded', 'ServiceUnavailable', true],
    [8, 'etcdserver: too many requests', 'TooManyRequests', false],
    [8, 'grpc: received message larger than max (3000000 vs. 2097152)', 'RequestEntityTooLarge', false],
    [9, 'etcdserver: authentication is not enabled', 'Unauthorized', false],
    [11, 'etcdserver: mvcc: required revision has been compacted', 'Expired', false],
    [13, 'Received RST_STREAM with code 2', 'ServiceUnavailable', true],
    [13, 'Failed to start HTTP/2 stream with error', 'ServiceUnavailable', false],
    [13, 'an answer that cannot be read', 'InternalError', true],
    [14, 'No connection established. Last error: connect ECONNREFUSED', 'ServiceUnavailable', false],
    [14, 'Connection dropped', 'ServiceUnavailable', true],
    [14, 'etcdserver: no leader', 'ServiceUnavailable', false],
    [14, 'etcdserver: leader changed', 'ServiceUnavailable', true],
    [
      14,
      'etcdserver: request timed out, possibly due to previous leader failure',
      'ServiceUnavailable',
      true,
    ],
    [16, 'etcdserver: invalid auth token', 'Unauthorized', false],
  ];

  it.each(cases)('%i %s is %s, ambiguous for a write: %s', (code, details, reason, ambiguous) => {
    const error = new EtcdError(code, details, 'http://127.0.0.1:2379');
    expect(error.toApiError(true)).toMatchObject({
      reason,
      ambiguous,
      message: `etcd at http://127.0.0.1:2379: ${details}`,
      cause: error,
    });
    expect(error.toApiError(false).ambiguous).toBe(false);
  });

  it('is not ambiguous where the request was never sent', () => {
    const error = new EtcdError(4, 'no answer within 5000 ms', 'http://127.0.0.1:2379', true);
    expect(error.toApiError(true).ambiguous).toBe(false);
  });
});
