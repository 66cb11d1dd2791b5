import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SharedInformer } from 'keelson/informer';
import { Pod } from 'keelson/kinds';
import type { Row } from './harness.js';
import { allPods, PODS, PodSource, updatesOf } from './pod-source.js';

const UPDATES = 200_000;
const READS = 1_000_000;
const LISTS = 20;
const NODE = 'node-0042';

/** What is used of the cache of `@kubernetes/client-node`. */
interface ListWatch {
  start(): Promise<void>;
  stop(): Promise<void>;
  on(verb: 'add' | 'update', callback: (pod: Pod) => void): void;
  get(name: string, namespace: string): Pod | undefined;
  list(namespace?: string): readonly Pod[];
}

type ListWatchClass = new (
  path: string,
  watch: { watch(path: string, query: unknown, event: WatchHandler): Promise<{ abort(): void }> },
  list: () => Promise<{ items: Pod[]; metadata: { resourceVersion: string } }>,
  autoStart: boolean,
) => ListWatch;

type WatchHandler = (phase: string, object: Pod) => Promise<void>;

/** The cache of the package, fed in this process. */
class Theirs {
  readonly #cache: ListWatch;
  #tell: WatchHandler = () => Promise.resolve();

  constructor(listWatch: ListWatchClass, pods: readonly Pod[]) {
    const abort = (): void => undefined;
    this.#cache = new listWatch(
      '/api/v1/pods',
      {
        watch: async (_path, _query, tell) => {
          this.#tell = tell;
          return { abort };
        },
      },
      async () => ({ items: [...pods], metadata: { resourceVersion: String(PODS) } }),
      false,
    );
  }

  get cache(): ListWatch {
    return this.#cache;
  }

  /** Tells of updates as its own watch does: from line to line, waiting for none. */
  update(pods: readonly Pod[]): void {
    for (const pod of pods) void this.#tell('MODIFIED', pod);
  }
}

/**
 * The cache of `@kubernetes/client-node` beside this library's, both fed in this process with the same 150,000 Pods; the last column of the
 * table is the second against the first.
 *
 * The package is no dependency of this one. To measure it, install it in a folder of its own, and name that folder:
 *
 *     npm install --prefix /tmp/client-node @kubernetes/client-node@1.4.0
 *     CLIENT_NODE=/tmp/client-node npm run bench -- informer
 */
export function clientNodeRows(): readonly Row[] {
  const folder = process.env['CLIENT_NODE'];
  const file = join(folder ?? '.', 'node_modules/@kubernetes/client-node/dist/cache.js');
  if (!existsSync(file)) {
    console.log(
      JSON.stringify({
        skipped: 'the comparison with @kubernetes/client-node',
        toRun:
          'npm install --prefix /tmp/client-node @kubernetes/client-node@1.4.0, then set CLIENT_NODE=/tmp/client-node',
      }),
    );
    return [];
  }
  let listWatch: ListWatchClass | undefined;
  let pods: readonly Pod[] = [];
  let updates: readonly Pod[] = [];
  let theirs: Theirs | undefined;
  let source: PodSource | undefined;
  let ours: SharedInformer<Pod, 'node'> | undefined;
  let found = 0;
  const counts = { added: 0, updated: 0, finished: (): void => undefined };
  const updated = (): void => {
    counts.updated += 1;
    if (counts.updated === UPDATES) counts.finished();
  };
  const fill = async (): Promise<void> => {
    ({ ListWatch: listWatch } = (await import(pathToFileURL(file).href)) as { ListWatch: ListWatchClass });
    pods = allPods();
    updates = updatesOf(UPDATES);
  };
  const startTheirs = async (): Promise<void> => {
    theirs = new Theirs(listWatch as ListWatchClass, pods);
    theirs.cache.on('add', () => void (counts.added += 1));
    theirs.cache.on('update', updated);
    await theirs.cache.start();
  };
  const startOurs = async (): Promise<void> => {
    source = new PodSource(pods);
    ours = new SharedInformer(Pod, {
      client: source.client,
      indexers: { node: (pod: Pod) => [pod.spec?.nodeName ?? ''] },
    });
    const registration = ours.addEventHandler({
      onAdd: () => void (counts.added += 1),
      onUpdate: updated,
    });
    ours.start();
    await registration.synced();
  };
  const stopTheirs = async (): Promise<void> => theirs?.cache.stop();
  const stopOurs = async (): Promise<void> => ours?.stop();
  const update = async (tell: () => void): Promise<void> => {
    counts.updated = 0;
    const all = new Promise<void>((resolve) => (counts.finished = resolve));
    tell();
    await all;
  };
  return [
    {
      name: 'client-node: first sync of 150,000 Pods to one handler',
      operations: PODS,
      beforeAll: fill,
      run: startTheirs,
      after: stopTheirs,
    },
    {
      name: 'keelson: first sync of 150,000 Pods to one handler, one index',
      operations: PODS,
      floor: 'client-node: first sync of 150,000 Pods to one handler',
      run: startOurs,
      after: stopOurs,
    },
    {
      name: 'client-node: updates to one handler',
      operations: UPDATES,
      before: startTheirs,
      run: async () => update(() => theirs?.update(updates)),
      after: stopTheirs,
    },
    {
      name: 'keelson: updates to one handler, one index',
      operations: UPDATES,
      floor: 'client-node: updates to one handler',
      before: startOurs,
      run: async () => update(() => source?.update(updates)),
      after: stopOurs,
    },
    {
      name: 'client-node: get',
      operations: READS,
      beforeAll: startTheirs,
      run: () => {
        for (let turn = 0; turn < READS; turn += 1) {
          const { name, namespace } = (pods[turn % PODS] as Pod).metadata;
          if (theirs?.cache.get(name, namespace ?? '') !== undefined) found += 1;
        }
      },
    },
    {
      name: 'keelson: get',
      operations: READS,
      floor: 'client-node: get',
      beforeAll: startOurs,
      run: () => {
        for (let turn = 0; turn < READS; turn += 1) {
          if (ours?.lister.get((pods[turn % PODS] as Pod).metadata) !== undefined) found += 1;
        }
      },
    },
    {
      name: 'client-node: list all',
      operations: LISTS,
      run: () => {
        for (let turn = 0; turn < LISTS; turn += 1) found += theirs?.cache.list().length ?? 0;
      },
    },
    {
      name: 'keelson: list all, in order',
      operations: LISTS,
      floor: 'client-node: list all',
      run: () => {
        for (let turn = 0; turn < LISTS; turn += 1) found += ours?.lister.list().length ?? 0;
      },
    },
    {
      name: 'client-node: the 30 Pods of a node',
      operations: LISTS,
      run: () => {
        for (let turn = 0; turn < LISTS; turn += 1) {
          found += theirs?.cache.list().filter((pod) => pod.spec?.nodeName === NODE).length ?? 0;
        }
      },
    },
    {
      name: 'keelson: the 30 Pods of a node',
      operations: LISTS,
      floor: 'client-node: the 30 Pods of a node',
      run: () => {
        for (let turn = 0; turn < LISTS; turn += 1) found += ours?.lister.byIndex('node', NODE).length ?? 0;
      },
      afterAll: async () => {
        await Promise.all([stopTheirs(), stopOurs()]);
        if (found === 0) throw new Error('nothing was found');
      },
    },
  ];
}
