import type { ProtobufReader } from './protobuf-reader.js';

/** A key of etcd as it is or, in an event, as it was left by a revision. */
export interface KeyValue {
  readonly key: string;
  /** Empty where only keys were asked for, and for a key that was deleted. */
  readonly value: string;
  readonly modRevision: number;
  /** How often it was written since it was created. */
  readonly version: number;
}

/** Source: `KeyValue` in etcd's kv.proto. */
export function decodeKeyValue(reader: ProtobufReader): KeyValue {
  let key = '';
  let value = '';
  let modRevision = 0;
  let version = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.text();
    else if (field === 3) modRevision = reader.integer();
    else if (field === 4) version = reader.integer();
    else if (field === 5) value = reader.text();
    else reader.skip();
  }
  return { key, value, modRevision, version };
}
