import { decodeKeyValue, type KeyValue } from './key-value.js';
import type { Method } from './method.js';
import { ProtobufReader } from './protobuf-reader.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { decodeHeader, NO_HEADER, type ResponseHeader } from './response-header.js';

/** Asks for a key, or for all from it on up to before `end`. */
export interface RangeRequest {
  readonly key: string;
  readonly end?: string | undefined;
  readonly limit?: number | undefined;
  /** At which revision; the newest unless given. */
  readonly revision?: number | undefined;
  readonly keysOnly?: boolean | undefined;
  /** Those written last come first, instead of in the order of their names. */
  readonly newestFirst?: boolean | undefined;
}

export interface RangeResponse {
  readonly header: ResponseHeader;
  readonly items: readonly KeyValue[];
  /** The limit has left some out. */
  readonly more: boolean;
}

const DESCENDING = 2;
const BY_MOD_REVISION = 3;

/** Source: `RangeRequest` in etcd's rpc.proto. */
export function writeRange(writer: ProtobufWriter, request: RangeRequest): void {
  writer.text(1, request.key);
  if (request.end !== undefined) writer.text(2, request.end);
  if (request.limit !== undefined) writer.integer(3, request.limit);
  if (request.revision !== undefined) writer.integer(4, request.revision);
  if (request.newestFirst === true) {
    writer.integer(5, DESCENDING);
    writer.integer(6, BY_MOD_REVISION);
  }
  if (request.keysOnly === true) writer.boolean(8, true);
}

/** Source: `RangeResponse` in etcd's rpc.proto. */
export function decodeRange(reader: ProtobufReader): RangeResponse {
  let header = NO_HEADER;
  const items: KeyValue[] = [];
  let more = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = decodeHeader(reader.message());
    else if (field === 2) items.push(decodeKeyValue(reader.message()));
    else if (field === 3) more = reader.boolean();
    else reader.skip();
  }
  return { header, items, more };
}

export const RANGE: Method<RangeRequest, RangeResponse> = /* @__PURE__ */ Object.freeze({
  path: '/etcdserverpb.KV/Range',
  encode(request: RangeRequest): Buffer {
    const writer = new ProtobufWriter();
    writeRange(writer, request);
    return writer.finish();
  },
  decode: (bytes: Buffer): RangeResponse => decodeRange(new ProtobufReader(bytes)),
});
