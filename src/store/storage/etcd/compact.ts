import type { Method } from './method.js';
import { ProtobufWriter } from './protobuf-writer.js';

/**
 * Lets etcd forget the past before a revision.
 *
 * Source: `CompactionRequest` in etcd's rpc.proto.
 */
export const COMPACT: Method<{ readonly revision: number }, undefined> = /* @__PURE__ */ Object.freeze({
  path: '/etcdserverpb.KV/Compact',
  encode(request: { readonly revision: number }): Buffer {
    const writer = new ProtobufWriter();
    writer.integer(1, request.revision);
    return writer.finish();
  },
  decode: (): undefined => undefined,
});
