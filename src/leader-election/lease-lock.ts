import type { Client, Guard, RequestOptions } from '../client/index.js';
import { FieldSelector, isNotFound } from '../core/index.js';
import { Reflector } from '../informer/index.js';
import { Lease } from '../resources/kinds/index.js';
import { checkIdentity, checkName } from './check-names.js';
import { leaseEntry, leaseSpec } from './lease-entry.js';
import type { LeaderElectionRecord } from './leader-election-record.js';
import type { Lock, LockEntry, LockFollower } from './lock.js';

/** What a {@link LeaseLock} is made from. */
export interface LeaseLockOptions {
  readonly client: Client;
  readonly namespace: string;
  /** The name of the Lease. */
  readonly name: string;
  /** Who asks: unique among all that are alive at the same time, as a host name with a random part. */
  readonly identity: string;
  /** The labels of the Lease, where this makes it. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/**
 * A lock that is a Lease of coordination.k8s.io/v1.
 *
 * It works on whatever the client reaches, and shares its leases with client-go. What others put into the Lease stays.
 *
 * Source: `LeaseLock` of client-go.
 */
export class LeaseLock implements Lock {
  readonly identity: string;
  readonly name: string;
  readonly client: Client;
  readonly #key: { readonly name: string; readonly namespace: string };
  readonly #labels: Readonly<Record<string, string>> | undefined;

  /** @throws TypeError for a name, a namespace or an identity that cannot be one. */
  constructor(options: LeaseLockOptions) {
    const { client, namespace, name, identity, labels } = options;
    checkIdentity('LeaseLock', options);
    checkName('LeaseLock: name', 'dns1123subdomain', name);
    this.client = client;
    this.identity = identity;
    this.name = `${namespace}/${name}`;
    this.#key = { namespace, name };
    this.#labels = labels;
  }

  async get(options: RequestOptions): Promise<LockEntry | undefined> {
    try {
      return leaseEntry(await this.client.get(Lease, this.#key, options));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async create(record: LeaderElectionRecord, options: RequestOptions): Promise<LockEntry> {
    const metadata = this.#labels === undefined ? this.#key : { ...this.#key, labels: this.#labels };
    return leaseEntry(await this.client.create(Lease, { metadata, spec: leaseSpec(record) }, options));
  }

  async update(
    record: LeaderElectionRecord,
    previous: LockEntry,
    options: RequestOptions,
  ): Promise<LockEntry> {
    const lease = previous.source as Lease;
    const next = { ...lease, spec: { ...lease.spec, ...leaseSpec(record) } };
    return leaseEntry(await this.client.update(Lease, next, options));
  }

  async follow(follower: LockFollower, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { namespace, name } = this.#key;
    const reflector = new Reflector<Lease>({
      client: this.client,
      resource: Lease,
      selection: { namespace, fieldSelector: FieldSelector.from({ 'metadata.name': name }) },
      target: {
        replace: ([lease]) => follower.changed(lease === undefined ? undefined : leaseEntry(lease)),
        apply: ({ type, object }) => follower.changed(type === 'DELETED' ? undefined : leaseEntry(object)),
        bookmark: () => undefined,
      },
      onState: (state) => follower.following(state === 'watching'),
      onError: (error) => follower.failed(error),
    });
    await reflector.run({ signal });
  }

  guard(entry: LockEntry): Guard {
    return {
      apiVersion: Lease.apiVersion,
      kind: Lease.kind,
      ...this.#key,
      uid: entry.id,
      fields: {
        'spec.holderIdentity': entry.record.holderIdentity,
        'spec.leaseTransitions': entry.record.leaderTransitions,
      },
    };
  }
}
