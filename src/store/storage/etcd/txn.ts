import type { Method } from './method.js';
import { ProtobufReader } from './protobuf-reader.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { decodeRange, type RangeRequest, type RangeResponse, writeRange } from './range.js';
import { decodeHeader, NO_HEADER, type ResponseHeader } from './response-header.js';

/** What must be so of a key; without the key, each of its numbers is 0. */
export interface TxnCompare {
  readonly key: string;
  readonly target: 'version' | 'modRevision';
  readonly is: 'equal' | 'less';
  readonly to: number;
}

/** One thing that a transaction does. */
export type TxnOperation =
  | { readonly range: RangeRequest }
  | { readonly put: { readonly key: string; readonly value: string } }
  | { readonly deleteRange: { readonly key: string; readonly end?: string } };

/** Does `success` if all compares hold, and `failure` if not, at one revision. */
export interface TxnRequest {
  readonly compares: readonly TxnCompare[];
  readonly success: readonly TxnOperation[];
  readonly failure?: readonly TxnOperation[];
}

export interface TxnResponse {
  readonly header: ResponseHeader;
  readonly succeeded: boolean;
  /** What the ranges found, in their order. */
  readonly ranges: readonly RangeResponse[];
}

const EQUAL = 0;
const LESS = 2;
const VERSION = 0;
const MOD = 2;

/** Source: `TxnRequest` in etcd's rpc.proto. */
function encodeTxn(request: TxnRequest): Buffer {
  const writer = new ProtobufWriter(512);
  for (const compare of request.compares) {
    writer.message(1, () => {
      const version = compare.target === 'version';
      writer.integer(1, compare.is === 'equal' ? EQUAL : LESS);
      writer.integer(2, version ? VERSION : MOD);
      writer.text(3, compare.key);
      writer.integer(version ? 4 : 6, compare.to);
    });
  }
  for (const operation of request.success) writer.message(2, () => writeOperation(writer, operation));
  for (const operation of request.failure ?? []) writer.message(3, () => writeOperation(writer, operation));
  return writer.finish();
}

function writeOperation(writer: ProtobufWriter, operation: TxnOperation): void {
  if ('put' in operation) {
    writer.message(2, () => {
      writer.text(1, operation.put.key);
      writer.text(2, operation.put.value);
    });
  } else if ('range' in operation) {
    writer.message(1, () => writeRange(writer, operation.range));
  } else {
    writer.message(3, () => {
      writer.text(1, operation.deleteRange.key);
      if (operation.deleteRange.end !== undefined) writer.text(2, operation.deleteRange.end);
    });
  }
}

/** Source: `TxnResponse` in etcd's rpc.proto. */
function decodeTxn(bytes: Buffer): TxnResponse {
  const reader = new ProtobufReader(bytes);
  let header = NO_HEADER;
  let succeeded = false;
  const ranges: RangeResponse[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = decodeHeader(reader.message());
    else if (field === 2) succeeded = reader.boolean();
    else if (field === 3) readOperation(reader.message(), ranges);
    else reader.skip();
  }
  return { header, succeeded, ranges };
}

function readOperation(reader: ProtobufReader, ranges: RangeResponse[]): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) ranges.push(decodeRange(reader.message()));
    else reader.skip();
  }
}

export const TXN: Method<TxnRequest, TxnResponse> = /* @__PURE__ */ Object.freeze({
  path: '/etcdserverpb.KV/Txn',
  encode: encodeTxn,
  decode: decodeTxn,
});
