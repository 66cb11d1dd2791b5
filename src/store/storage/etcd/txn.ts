import type { Method } from './method.js';
import { ProtobufReader } from './protobuf-reader.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { decodeRange, type RangeRequest, type RangeResponse, writeRange } from './range.js';
import { decodeHeader, NO_HEADER, type ResponseHeader } from './response-header.js';

/** What must be so of a key, or of all from it on up to before `end`; without the key, each of its numbers is 0. */
export interface TxnCompare {
  readonly key: string;
  readonly end?: string;
  readonly target: 'version' | 'modRevision';
  readonly is: 'equal' | 'less';
  readonly to: number;
}

/** One thing that a transaction does. */
export type TxnOperation =
  | { readonly range: RangeRequest }
  | { readonly put: { readonly key: string; readonly value: string } }
  | { readonly deleteRange: { readonly key: string; readonly end?: string } }
  | { readonly txn: TxnRequest };

/** Does `success` if all compares hold, and `failure` if not, at one revision; those of a transaction within hold before it all. */
export interface TxnRequest {
  readonly compares: readonly TxnCompare[];
  readonly success: readonly TxnOperation[];
  readonly failure?: readonly TxnOperation[];
}

export interface TxnResult {
  readonly succeeded: boolean;
  /** What the ranges found, in their order. */
  readonly ranges: readonly RangeResponse[];
  /** What became of the transactions within, in their order. */
  readonly txns: readonly TxnResult[];
}

export interface TxnResponse extends TxnResult {
  readonly header: ResponseHeader;
}

const EQUAL = 0;
const LESS = 2;
const VERSION = 0;
const MOD = 2;

/** Source: `TxnRequest` in etcd's rpc.proto. */
function encodeTxn(request: TxnRequest): Buffer {
  const writer = new ProtobufWriter(512);
  writeTxn(writer, request);
  return writer.finish();
}

function writeTxn(writer: ProtobufWriter, request: TxnRequest): void {
  for (const compare of request.compares) {
    writer.message(1, () => {
      const version = compare.target === 'version';
      writer.integer(1, compare.is === 'equal' ? EQUAL : LESS);
      writer.integer(2, version ? VERSION : MOD);
      writer.text(3, compare.key);
      writer.integer(version ? 4 : 6, compare.to);
      if (compare.end !== undefined) writer.text(64, compare.end);
    });
  }
  for (const operation of request.success) writer.message(2, () => writeOperation(writer, operation));
  for (const operation of request.failure ?? []) writer.message(3, () => writeOperation(writer, operation));
}

function writeOperation(writer: ProtobufWriter, operation: TxnOperation): void {
  if ('put' in operation) {
    writer.message(2, () => {
      writer.text(1, operation.put.key);
      writer.text(2, operation.put.value);
    });
  } else if ('range' in operation) {
    writer.message(1, () => writeRange(writer, operation.range));
  } else if ('txn' in operation) {
    writer.message(4, () => writeTxn(writer, operation.txn));
  } else {
    writer.message(3, () => {
      writer.text(1, operation.deleteRange.key);
      if (operation.deleteRange.end !== undefined) writer.text(2, operation.deleteRange.end);
    });
  }
}

/** Source: `TxnResponse` in etcd's rpc.proto. */
function decodeTxn(reader: ProtobufReader): TxnResponse {
  let header = NO_HEADER;
  let succeeded = false;
  const ranges: RangeResponse[] = [];
  const txns: TxnResult[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = decodeHeader(reader.message());
    else if (field === 2) succeeded = reader.boolean();
    else if (field === 3) readOperation(reader.message(), ranges, txns);
    else reader.skip();
  }
  return { header, succeeded, ranges, txns };
}

function readOperation(reader: ProtobufReader, ranges: RangeResponse[], txns: TxnResult[]): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) ranges.push(decodeRange(reader.message()));
    else if (field === 4) txns.push(decodeTxn(reader.message()));
    else reader.skip();
  }
}

export const TXN: Method<TxnRequest, TxnResponse> = /* @__PURE__ */ Object.freeze({
  path: '/etcdserverpb.KV/Txn',
  encode: encodeTxn,
  decode: (bytes: Buffer): TxnResponse => decodeTxn(new ProtobufReader(bytes)),
});
