import type { Method } from './method.js';
import { ProtobufReader } from './protobuf-reader.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** Who somebody is, to etcd. */
export interface EtcdCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Gives a token for a name and a password.
 *
 * Source: `AuthenticateRequest` and `AuthenticateResponse` in etcd's rpc.proto.
 */
export const AUTHENTICATE: Method<EtcdCredentials, string> = /* @__PURE__ */ Object.freeze({
  path: '/etcdserverpb.Auth/Authenticate',
  encode({ username, password }: EtcdCredentials): Buffer {
    const writer = new ProtobufWriter();
    writer.text(1, username);
    writer.text(2, password);
    return writer.finish();
  },
  decode(bytes: Buffer): string {
    const reader = new ProtobufReader(bytes);
    let token = '';
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) token = reader.text();
      else reader.skip();
    }
    return token;
  },
});
