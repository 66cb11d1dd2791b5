import {
  type Client,
  microtaskExecutor,
  systemClock,
  systemRandom,
  type Watch,
  type WatchEvent,
} from 'keelson';
import type { Pod } from 'keelson/kinds';

/** As many as the figures of client-go are for. */
export const PODS = 150_000;
const NODES = 5_000;

/** What a cache looks at of a Pod; frozen, as everything that a client hands out. */
function cachedPod(index: number, resourceVersion: number): Pod {
  const metadata = Object.freeze({
    namespace: `ns-${String(index % 150).padStart(3, '0')}`,
    name: `pod-${String(index).padStart(6, '0')}`,
    uid: `uid-${index}`,
    resourceVersion: String(resourceVersion),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: Object.freeze({ app: `app-${index % 50}` }),
  });
  const nodeName = `node-${String(index % NODES).padStart(4, '0')}`;
  const spec = Object.freeze({ nodeName, containers: Object.freeze([]) });
  return Object.freeze({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
}

/** All Pods, at revision {@link PODS}. */
export function allPods(): readonly Pod[] {
  return Array.from({ length: PODS }, (_, index) => cachedPod(index, index + 1));
}

/** The first `count` updates after {@link allPods}. */
export function updatesOf(count: number): readonly Pod[] {
  return Array.from({ length: count }, (_, index) => cachedPod(index % PODS, PODS + index + 1));
}

/** A watch that has its events beforehand, or gets them all at once. */
class PodWatch implements Watch<Pod> {
  #events: readonly WatchEvent<Pod>[] = [];
  #next = 0;
  #wake: () => void = () => undefined;
  #isOver = false;

  constructor(signal: AbortSignal | undefined) {
    signal?.addEventListener('abort', () => this.stop(), { once: true });
  }

  /** Tells these; everything that was told before must have been read. */
  tell(events: readonly WatchEvent<Pod>[]): void {
    this.#events = events;
    this.#next = 0;
    this.#wake();
  }

  next(): Promise<IteratorResult<WatchEvent<Pod>, undefined>> {
    const value = this.#events[this.#next];
    if (value === undefined || this.#isOver) return this.#wait();
    this.#next += 1;
    return Promise.resolve({ done: false, value });
  }

  async #wait(): Promise<IteratorResult<WatchEvent<Pod>, undefined>> {
    while (this.#next === this.#events.length && !this.#isOver) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#isOver) return { value: undefined, done: true };
    this.#next += 1;
    return { value: this.#events[this.#next - 1] as WatchEvent<Pod>, done: false };
  }

  stop(): void {
    this.#isOver = true;
    this.#wake();
  }

  async return(): Promise<IteratorResult<WatchEvent<Pod>, undefined>> {
    this.stop();
    return { value: undefined, done: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A list and a watch of Pods that are there already, so that what is measured is the informer. */
export class PodSource {
  readonly #pods: readonly Pod[];
  #watch: PodWatch | undefined;
  // told once there is a watch
  #untold: readonly WatchEvent<Pod>[] = [];

  constructor(pods: readonly Pod[]) {
    this.#pods = pods;
  }

  /** The source as an informer sees it: no other verb is called. */
  get client(): Client {
    return {
      clock: systemClock,
      random: systemRandom,
      executor: microtaskExecutor,
      capabilities: { guards: false, singleRevision: true, transactions: false },
      list: () => Promise.resolve({ items: this.#pods, resourceVersion: String(PODS) }),
      watch: (_resource: unknown, { signal }: { signal?: AbortSignal } = {}) => {
        this.#watch = new PodWatch(signal);
        this.#watch.tell(this.#untold);
        return this.#watch;
      },
    } as unknown as Client;
  }

  /** Tells the watch of updates, as soon as there is one. */
  update(pods: readonly Pod[]): void {
    this.#untold = pods.map((object) => ({ type: 'MODIFIED', object }));
    this.#watch?.tell(this.#untold);
  }
}
