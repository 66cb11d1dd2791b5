import type * as grpc from '@grpc/grpc-js';
import type { Clock } from '../../../core/index.js';
import { AUTHENTICATE, type EtcdCredentials } from './authenticate.js';
import { EtcdError, GRPC } from './etcd-error.js';
import type { Method } from './method.js';
import {
  decodeWatchResponse,
  encodeWatchRequest,
  type WatchRequest,
  type WatchResponse,
} from './watch-messages.js';

const EMPTY: Buffer = /* @__PURE__ */ Buffer.alloc(0);
const WATCH_PATH = '/etcdserverpb.Watch/Watch';

/** How a member of etcd is reached. */
export interface EtcdMember {
  /** What errors call it. */
  readonly endpoint: string;
  readonly channel: grpc.Channel;
}

/** What an {@link EtcdClient} is made from. */
export interface EtcdClientOptions {
  readonly grpc: typeof grpc;
  readonly clock: Clock;
  /** At least one. */
  readonly members: readonly EtcdMember[];
  readonly credentials?: EtcdCredentials | undefined;
  /** How long a call may take, all its tries together, in milliseconds. */
  readonly timeout: number;
}

/** What becomes of a watch stream. */
export interface WatchListener {
  response(response: WatchResponse): void;
  /** Told once, unless it was cancelled first. */
  ended(error: EtcdError): void;
}

/** A watch stream that is open. */
export interface WatchStream {
  request(request: WatchRequest): void;
  cancel(): void;
}

/**
 * Calls etcd: the member that answered last, and the others in turn where it does not.
 *
 * A call that may have been carried out is not repeated unless it only reads. Calls go to the channels themselves: what the client
 * class of the package adds to them costs as much as a fifth of a call.
 */
export class EtcdClient {
  readonly #options: EtcdClientOptions;
  // the place of the member that is asked first
  #current = 0;
  // what goes with every call; absent until there is a token, where one is needed
  #metadata: grpc.Metadata | undefined;
  // present while a token is asked for
  #renewal: Promise<grpc.Metadata> | undefined;

  constructor(options: EtcdClientOptions) {
    this.#options = options;
    if (options.credentials === undefined) this.#metadata = this.#metadataWith(undefined);
  }

  /** @throws EtcdError */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    isWrite: boolean,
  ): Promise<Response> {
    const { clock, members, timeout } = this.#options;
    const body = method.encode(request);
    const end = clock.monotonic() + timeout;
    let renewed = false;
    for (let tries = 1; ; ) {
      const place = this.#current;
      // what may be repeated is, also where a member does not answer at all: each that is left has an equal part of the time
      const now = clock.monotonic();
      const until = isWrite ? end : now + (end - now) / (members.length - tries + 1);
      try {
        const metadata = this.#metadata ?? (await this.#authenticate(until));
        return await this.#attempt(place, method, body, metadata, until);
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        if (error.isOfToken && this.#options.credentials !== undefined && !renewed) {
          renewed = true;
          this.#metadata = undefined;
          continue;
        }
        if (!error.isOfMember) throw error;
        this.#leave(place);
        tries += 1;
        if (tries > members.length || clock.monotonic() >= end || (isWrite && !error.isRefusal)) throw error;
      }
    }
  }

  /** @throws EtcdError where there is no token to be had. */
  async watch(listener: WatchListener): Promise<WatchStream> {
    const { clock, credentials, grpc: package_, timeout } = this.#options;
    const metadata = this.#metadata ?? (await this.#authenticate(clock.monotonic() + timeout));
    const place = this.#current;
    const { channel, endpoint } = this.#member(place);
    const call = channel.createCall(WATCH_PATH, Number.POSITIVE_INFINITY, null, null, null);
    let open = true;
    // requests that wait; the one before them is being sent, while there are any or isSending
    const waiting: Buffer[] = [];
    let isSending = false;
    const end = (error: EtcdError): void => {
      if (!open) return;
      open = false;
      if (error.isOfMember) this.#leave(place);
      if (error.isOfToken && credentials !== undefined) this.#metadata = undefined;
      listener.ended(error);
    };
    const send = (): void => {
      const bytes = open ? waiting.shift() : undefined;
      isSending = bytes !== undefined;
      // what is wrong with the call comes as its status
      if (bytes !== undefined) call.sendMessageWithContext({ callback: send }, bytes);
    };
    const stop = (): void => {
      call.cancelWithStatus(package_.status.CANCELLED, 'no longer wanted');
    };
    call.start(metadata, {
      onReceiveMetadata: () => undefined,
      onReceiveMessage: (bytes: Buffer) => {
        if (!open) return;
        const response = decoded(decodeWatchResponse, bytes, endpoint);
        if (response instanceof EtcdError) {
          end(response);
          stop();
        } else {
          listener.response(response);
          call.startRead();
        }
      },
      onReceiveStatus: ({ code, details }) => end(new EtcdError(code, details, endpoint)),
    });
    call.startRead();
    return {
      request(request) {
        waiting.push(encodeWatchRequest(request));
        if (!isSending) send();
      },
      cancel() {
        open = false;
        stop();
      },
    };
  }

  /** Which member is asked first. */
  get endpoint(): string {
    return this.#member(this.#current).endpoint;
  }

  /** Goes on with the next member, as after a failure of the one that is asked now. */
  turn(): void {
    this.#leave(this.#current);
  }

  close(): void {
    for (const { channel } of this.#options.members) channel.close();
  }

  #attempt<Response>(
    place: number,
    method: Method<never, Response>,
    body: Buffer,
    metadata: grpc.Metadata,
    end: number,
  ): Promise<Response> {
    const { clock } = this.#options;
    const { channel, endpoint } = this.#member(place);
    const timeout = Math.max(0, end - clock.monotonic());
    return new Promise((resolve, reject) => {
      let answer: Buffer | undefined;
      let late = false;
      const call = channel.createCall(method.path, Number.POSITIVE_INFINITY, null, null, null);
      const timer = clock.setTimer(timeout, () => {
        late = true;
        call.cancelWithStatus(this.#options.grpc.status.CANCELLED, 'late');
      });
      call.start(metadata, {
        onReceiveMetadata: () => undefined,
        onReceiveMessage: (bytes: Buffer) => {
          answer = bytes;
        },
        onReceiveStatus: (status) => {
          timer.cancel();
          const { code, details } = late ? tooLate(timeout) : status;
          const result =
            code === GRPC.OK
              ? decoded(method.decode, answer, endpoint)
              : new EtcdError(code, details, endpoint);
          if (result instanceof EtcdError) reject(result);
          else resolve(result);
        },
      });
      call.sendMessageWithContext({}, body);
      call.halfClose();
      call.startRead();
    });
  }

  #authenticate(end: number): Promise<grpc.Metadata> {
    this.#renewal ??= this.#newMetadata(end).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #newMetadata(end: number): Promise<grpc.Metadata> {
    const { credentials } = this.#options;
    if (credentials === undefined) throw new TypeError('Expected credentials to authenticate with, got none');
    const body = AUTHENTICATE.encode(credentials);
    try {
      const token = await this.#attempt(
        this.#current,
        AUTHENTICATE,
        body,
        this.#metadataWith(undefined),
        end,
      );
      this.#metadata = this.#metadataWith(token);
      return this.#metadata;
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      throw new EtcdError(error.code, error.message, error.endpoint, true);
    }
  }

  #metadataWith(token: string | undefined): grpc.Metadata {
    const metadata = new this.#options.grpc.Metadata();
    // a member that has lost its leader refuses, and does not let anybody wait
    metadata.set('hasleader', 'true');
    if (token !== undefined) metadata.set('token', token);
    return metadata;
  }

  #leave(place: number): void {
    if (this.#current === place) this.#current = (place + 1) % this.#options.members.length;
  }

  #member(place: number): EtcdMember {
    return this.#options.members[place] as EtcdMember;
  }
}

function tooLate(timeout: number): { readonly code: number; readonly details: string } {
  return { code: GRPC.DEADLINE_EXCEEDED, details: `no answer within ${Math.round(timeout)} ms` };
}

function decoded<Response>(
  decode: (bytes: Buffer) => Response,
  answer: Buffer | undefined,
  endpoint: string,
): Response | EtcdError {
  try {
    return decode(answer ?? EMPTY);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return new EtcdError(GRPC.INTERNAL, `an answer that cannot be read: ${why}`, endpoint);
  }
}
