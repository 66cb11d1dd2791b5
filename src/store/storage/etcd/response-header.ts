import type { ProtobufReader } from './protobuf-reader.js';

/** What etcd says of itself with every response. */
export interface ResponseHeader {
  readonly clusterId: bigint;
  /** Of the whole etcd at that moment; 0 where it does not say. */
  readonly revision: number;
}

/** What a response without a header says. */
export const NO_HEADER: ResponseHeader = /* @__PURE__ */ Object.freeze({ clusterId: 0n, revision: 0 });

/** Source: `ResponseHeader` in etcd's rpc.proto. */
export function decodeHeader(reader: ProtobufReader): ResponseHeader {
  let clusterId = 0n;
  let revision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) clusterId = reader.unsigned();
    else if (field === 3) revision = reader.integer();
    else reader.skip();
  }
  return { clusterId, revision };
}
