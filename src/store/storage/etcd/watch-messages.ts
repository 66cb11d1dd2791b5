import { decodeKeyValue, type KeyValue } from './key-value.js';
import { ProtobufReader } from './protobuf-reader.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { decodeHeader, NO_HEADER, type ResponseHeader } from './response-header.js';

/** Asks for everything that happens to a range of keys from a revision on. */
export interface WatchRequest {
  readonly watchId: number;
  readonly key: string;
  readonly end?: string | undefined;
  readonly startRevision: number;
}

/** A key was put, or deleted. */
export interface WatchEvent {
  readonly type: 'put' | 'delete';
  readonly item: KeyValue;
}

export interface WatchResponse {
  readonly header: ResponseHeader;
  readonly watchId: number;
  /** The watch was made by this response; it has no events yet. */
  readonly created: boolean;
  /** The watch has ended, or was not made. */
  readonly canceled: boolean;
  /** The oldest revision that it could begin at, where it was canceled since it wanted an older one; 0 otherwise. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  /** Events of the last revision here may follow in the next response of the same watch. */
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}

/** Source: `WatchRequest` in etcd's rpc.proto. */
export function encodeWatchRequest(request: WatchRequest): Buffer {
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    writer.text(1, request.key);
    if (request.end !== undefined) writer.text(2, request.end);
    writer.integer(3, request.startRevision);
    writer.integer(7, request.watchId);
    // responses stay small that way: without it, one may hold a thousand transactions
    writer.boolean(8, true);
  });
  return writer.finish();
}

/** Source: `WatchResponse` in etcd's rpc.proto. */
export function decodeWatchResponse(bytes: Buffer): WatchResponse {
  const reader = new ProtobufReader(bytes);
  let header = NO_HEADER;
  let watchId = 0;
  let created = false;
  let canceled = false;
  let compactRevision = 0;
  let cancelReason = '';
  let fragment = false;
  const events: WatchEvent[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = decodeHeader(reader.message());
    else if (field === 2) watchId = reader.integer();
    else if (field === 3) created = reader.boolean();
    else if (field === 4) canceled = reader.boolean();
    else if (field === 5) compactRevision = reader.integer();
    else if (field === 6) cancelReason = reader.text();
    else if (field === 7) fragment = reader.boolean();
    else if (field === 11) events.push(decodeEvent(reader.message()));
    else reader.skip();
  }
  return { header, watchId, created, canceled, compactRevision, cancelReason, fragment, events };
}

/** Source: `Event` in etcd's kv.proto. */
function decodeEvent(reader: ProtobufReader): WatchEvent {
  let type: WatchEvent['type'] = 'put';
  let item: KeyValue = { key: '', value: '', modRevision: 0, version: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.integer() === 0 ? 'put' : 'delete';
    else if (field === 2) item = decodeKeyValue(reader.message());
    else reader.skip();
  }
  return { type, item };
}
