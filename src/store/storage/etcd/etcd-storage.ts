import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type * as grpc from '@grpc/grpc-js';
import { ApiError } from '../../../core/index.js';
import type { Storage, StorageContext, StorageSession } from '../storage.js';
import type { EtcdCredentials } from './authenticate.js';
import { EtcdClient } from './etcd-client.js';
import { EtcdError } from './etcd-error.js';
import { EtcdSession } from './etcd-session.js';
import { Keyspace } from './keyspace.js';

/** How connections to etcd are encrypted: PEM texts, or their bytes. */
export interface EtcdTls {
  /** Who signs the certificates of etcd; those whom the machine trusts unless given. */
  readonly ca?: string | Uint8Array | undefined;
  /** Who the store is, with its key: where etcd asks its clients for certificates. */
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
}

/** Where an etcd is, and how it is used. */
export interface EtcdStorageOptions {
  /** The members, as `http://10.0.0.1:2379`, `https://etcd.example:2379` or `127.0.0.1:2379`; at least one. */
  readonly endpoints: readonly string[];
  /**
   * What all names in etcd begin with: stores with the same prefix have the same content. No prefix must be inside of another.
   *
   * @default '/keelson'
   */
  readonly prefix?: string | undefined;
  readonly credentials?: EtcdCredentials | undefined;
  /** Given for `https` where the machine does not trust etcd as it is. */
  readonly tls?: EtcdTls | undefined;
  /**
   * How long a request may take, in milliseconds; a write that takes longer fails as ambiguous.
   *
   * @default 5_000
   */
  readonly requestTimeout?: number | undefined;
  /**
   * How often etcd is made to forget what is older than this, in milliseconds; 0 for never.
   *
   * This concerns everything that the etcd holds: with 0 something else should do it, or its disk fills up.
   *
   * @default 300_000
   */
  readonly compactionInterval?: number | undefined;
  /**
   * How many operations etcd takes in a transaction: its `--max-txn-ops`.
   *
   * @default 128
   */
  readonly maxOperations?: number | undefined;
}

/** How long a connection may be silent before it is tested, and the test may take, in milliseconds. */
const KEEPALIVE_TIME = 10_000;
const KEEPALIVE_TIMEOUT = 5_000;
/** How long a member is left alone after it could not be reached: at first, and at most, in milliseconds. */
const FIRST_BACKOFF = 100;
const LONGEST_BACKOFF = 5_000;

const CHANNEL_OPTIONS: grpc.ChannelOptions = /* @__PURE__ */ Object.freeze({
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': KEEPALIVE_TIME,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT,
  'grpc.initial_reconnect_backoff_ms': FIRST_BACKOFF,
  'grpc.min_reconnect_backoff_ms': FIRST_BACKOFF,
  'grpc.max_reconnect_backoff_ms': LONGEST_BACKOFF,
  // each session has connections of its own, and looks nothing up beside addresses
  'grpc.use_local_subchannel_pool': 1,
  'grpc.service_config_disable_resolution': 1,
});

/**
 * What a member that is known by its IP address alone is asked for by, though by that address its certificate is checked.
 *
 * TLS takes no address as a name, and the package has no way to give none: newer versions of Node refuse what it does unasked.
 */
const NAMELESS: grpc.ChannelOptions = /* @__PURE__ */ Object.freeze({
  'grpc.ssl_target_name_override': 'etcd',
});

/**
 * Keeps objects in etcd, 3.4 or newer, where stores in several processes share them.
 *
 * Needs the package `@grpc/grpc-js`. A write takes two keys of etcd: that of the object, and one for its collection.
 *
 * @throws TypeError where an option is not what it should be.
 * @throws RangeError where a number is out of bounds.
 */
export function etcdStorage(options: EtcdStorageOptions): Storage {
  const { endpoints, prefix = '/keelson', credentials, tls } = options;
  const { requestTimeout = 5_000, compactionInterval = 300_000, maxOperations = 128 } = options;
  const addresses = endpoints.map((endpoint) => addressOf(endpoint, tls !== undefined));
  if (addresses.length === 0) throw new TypeError('endpoints: expected at least one, got none');
  if (!/^(?:\/[\x21-\x2e\x30-\x7e]+)+$/.test(prefix) || prefix.length > 256) {
    throw new TypeError(
      `prefix: expected up to 256 printable ASCII characters, as in "/keelson", got ${JSON.stringify(prefix)}`,
    );
  }
  expectWhole('requestTimeout', requestTimeout, 1);
  expectWhole('compactionInterval', compactionInterval, 0);
  // the meta key, an object and its head
  expectWhole('maxOperations', maxOperations, 3);
  const keyspace = new Keyspace(prefix);

  const connect = async (context: StorageContext): Promise<EtcdClient> => {
    const package_ = await loadGrpc();
    const members = addresses.map(({ endpoint, target, encrypted }) => {
      const address = encrypted ? addressIn(target) : undefined;
      const security = encrypted
        ? encryptedBy(package_, tls, address)
        : package_.credentials.createInsecure();
      const channelOptions = address === undefined ? CHANNEL_OPTIONS : { ...CHANNEL_OPTIONS, ...NAMELESS };
      return { endpoint, channel: new package_.Channel(target, security, channelOptions) };
    });
    return new EtcdClient({
      grpc: package_,
      clock: context.clock,
      members,
      credentials,
      timeout: requestTimeout,
    });
  };

  return {
    name: 'etcd',
    async open(context: StorageContext): Promise<StorageSession> {
      const client = await connect(context);
      try {
        return await EtcdSession.open({
          client,
          keyspace,
          context,
          requestTimeout,
          compactionInterval,
          maxOperations,
        });
      } catch (error) {
        client.close();
        if (!(error instanceof EtcdError)) throw error;
        throw new ApiError({
          reason: 'ServiceUnavailable',
          message: `etcd at ${error.endpoint} cannot be opened: ${error.message}`,
          cause: error,
        });
      }
    },
  };
}

interface Address {
  readonly endpoint: string;
  readonly target: string;
  readonly encrypted: boolean;
}

function addressOf(endpoint: string, hasTls: boolean): Address {
  const match = /^(?:(https?):\/\/)?([^/]+:\d+)\/?$/.exec(endpoint);
  const [, scheme, target] = match ?? [];
  if (target === undefined) {
    throw new TypeError(`endpoints: expected one as "http://10.0.0.1:2379", got ${JSON.stringify(endpoint)}`);
  }
  if (scheme === 'http' && hasTls) {
    throw new TypeError(`endpoints: expected https where tls is given, got ${JSON.stringify(endpoint)}`);
  }
  return { endpoint, target, encrypted: scheme === 'https' || hasTls };
}

function expectWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name}: expected a whole number of at least ${least}, got ${value}`);
  }
}

async function loadGrpc(): Promise<typeof grpc> {
  try {
    return await import('@grpc/grpc-js');
  } catch (error) {
    throw new ApiError({
      reason: 'ServiceUnavailable',
      message: 'etcd cannot be opened: the package @grpc/grpc-js could not be loaded; is it installed?',
      cause: error,
    });
  }
}

/** The IP address that a target such as `10.0.0.1:2379` or `[::1]:2379` has instead of a name. */
function addressIn(target: string): string | undefined {
  const host = target.slice(0, target.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? undefined : host;
}

/** @param address - What the certificate of etcd must be for; the name in the target unless given. */
function encryptedBy(
  package_: typeof grpc,
  tls: EtcdTls | undefined,
  address: string | undefined,
): grpc.ChannelCredentials {
  const { ca, key, cert } = tls ?? {};
  const verification =
    address === undefined
      ? {}
      : {
          checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
            checkServerIdentity(address, certificate),
        };
  try {
    return package_.credentials.createSsl(bytesOf(ca), bytesOf(key), bytesOf(cert), verification);
  } catch (error) {
    throw new ApiError({
      reason: 'ServiceUnavailable',
      message: `etcd cannot be opened: tls: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
}

function bytesOf(pem: string | Uint8Array | undefined): Buffer | null {
  if (pem === undefined) return null;
  return typeof pem === 'string' ? Buffer.from(pem) : Buffer.from(pem);
}
