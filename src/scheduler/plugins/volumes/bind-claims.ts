import { type Client, waitFor } from '../../../client/index.js';
import { keyOf } from '../../../core/index.js';
import { PersistentVolume, PersistentVolumeClaim } from '../../../resources/kinds/index.js';
import { annotationOf } from './annotation.js';
import {
  claimKey,
  isBound,
  refersTo,
  SELECTED_NODE,
  volumeNameOf,
  withClaim,
  withSelectedNode,
} from './claim.js';
import { ClaimsNotBound } from './claims-not-bound.js';
import type { VolumeBinding, VolumeBindings } from './volume-bindings.js';
import { VolumeFacts } from './volume-facts.js';

/** When to give up: what is written by then stays. */
interface BindClaimsOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many milliseconds all of it may take, by the client's clock. */
  readonly timeout: number;
}

/**
 * Has the claims of a Pod bound as it was decided: writes whose a volume is, and for which node others are to be made, and waits until all
 * claims are bound to volumes that the node can reach.
 *
 * Each write is for the very state that the decision was made of: an object that has changed since is a Conflict. Nothing more is
 * written once a write has failed. Who binds and who makes volumes is somebody else: the cluster's controllers.
 *
 * @throws ClaimsNotBound saying which claims are bound and which are not, with the cause: an ApiError, the signal's reason, or an Error
 * where the time is up, a claim has gone, or a volume was taken back, could not be made, or is out of reach.
 *
 * Source: `BindPodVolumes` of kube-scheduler's VolumeBinding.
 */
export async function bindClaims(
  client: Client,
  bindings: VolumeBindings,
  { signal, timeout }: BindClaimsOptions,
): Promise<void> {
  const claims = [...bindings.bind.map(({ claim }) => claim), ...bindings.provision];
  const bound = new Set<string>();
  // aborts with what goes wrong first; or, once all is well, to end what is still being watched
  const work = new AbortController();
  const orFail = (step: Promise<unknown>): Promise<unknown> =>
    step.catch((error: unknown) => work.abort(error));
  const giveUp = (): void => work.abort(signal?.reason);
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  const timer = client.clock.setTimer(timeout, () =>
    work.abort(new Error(`expected them to be bound within ${timeout} ms`)),
  );
  try {
    await orFail(write(client, bindings, work.signal));
    const watched = bindings.bind.map((binding) => orFail(whileKept(client, binding, work.signal)));
    await Promise.all(
      claims.map((claim) =>
        orFail(untilBound(client, claim, bindings, work.signal).then(() => bound.add(claimKey(claim)))),
      ),
    );
    const { aborted, reason } = work.signal;
    work.abort();
    await Promise.all(watched);
    if (!aborted) return;
    const keys = claims.map(claimKey);
    throw new ClaimsNotBound(
      [...bound],
      keys.filter((key) => !bound.has(key)),
      reason,
    );
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', giveUp);
  }
}

async function write(
  client: Client,
  { node, bind, provision }: VolumeBindings,
  signal: AbortSignal,
): Promise<void> {
  for (const { claim, volume } of bind) {
    signal.throwIfAborted();
    const next = withClaim(volume, claim);
    if (next !== volume) await client.update(PersistentVolume, next, { signal });
  }
  for (const claim of provision) {
    signal.throwIfAborted();
    const next = withSelectedNode(claim, node.name);
    if (next !== claim) await client.update(PersistentVolumeClaim, next, { signal });
  }
}

/** Waits until a claim is bound to a volume that the node can reach. */
async function untilBound(
  client: Client,
  claim: PersistentVolumeClaim,
  { node, csiNode, provision }: VolumeBindings,
  signal: AbortSignal,
): Promise<void> {
  const isMade = provision.includes(claim);
  const bound = await waitFor(
    client,
    PersistentVolumeClaim,
    keyOf(claim),
    (now) => {
      if (now?.metadata.uid !== claim.metadata.uid) throw new Error(`claim ${claimKey(claim)} has gone`);
      if (isMade && annotationOf(now, SELECTED_NODE) !== node.name) {
        throw new Error(`no volume could be made for claim ${claimKey(claim)} on node ${node.name}`);
      }
      return isBound(now);
    },
    { signal },
  );
  if (bound === undefined) return;
  // a volume may come to be seen after the claim that has it
  const name = volumeNameOf(bound);
  const volume = await waitFor(client, PersistentVolume, { name }, (now) => now !== undefined, { signal });
  if (volume !== undefined && !new VolumeFacts(volume).isReachable(node, csiNode)) {
    throw new Error(`volume ${name} is out of reach of node ${node.name}`);
  }
}

/** Never resolves, and rejects when a volume is kept for its claim no more. */
async function whileKept(
  client: Client,
  { claim, volume }: VolumeBinding,
  signal: AbortSignal,
): Promise<void> {
  await waitFor(
    client,
    PersistentVolume,
    keyOf(volume),
    (now) => {
      const reference = now?.spec?.claimRef;
      if (reference?.uid && refersTo(reference, claim)) return false;
      throw new Error(`volume ${volume.metadata.name} is not kept for claim ${claimKey(claim)} any more`);
    },
    { signal },
  );
}
