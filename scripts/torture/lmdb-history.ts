import { SeededRandom } from '../../src/core/index.js';
import type { StorageEntry, StorageWrite } from '../../src/store/storage/storage.js';

/** A transaction as the log of a writer has it: at which revision it happens, if it does, and what it writes. */
export interface Intent {
  readonly revision: number;
  /** The keys that it puts, and with a `-` before them those that it deletes. */
  readonly keys: readonly string[];
}

/** What a writer did, as far as its log tells. */
export interface History {
  /** In the order of their revisions, which have no gaps. */
  readonly intents: readonly Intent[];
  /** The newest revision that was acknowledged. */
  readonly acknowledged: number;
}

const COLLECTIONS = ['pods', 'configmaps', 'leases.coordination.k8s.io'];
const KEYS = 120;

/** The transactions that a writer makes, one after another. */
export function* intentsAfter(revision: number, seed: number): Generator<Intent, never> {
  const random = new SeededRandom(seed);
  for (let next = revision + 1; ; next += 1) {
    const keys = new Set<string>();
    const count = 1 + random.integer(4);
    while (keys.size < count) {
      keys.add(`${COLLECTIONS[random.integer(COLLECTIONS.length)]}/default/${random.integer(KEYS)}`);
    }
    yield { revision: next, keys: [...keys].map((key) => (random.integer(5) === 0 ? `-${key}` : key)) };
  }
}

/** The writes of a transaction: their text follows from its revision and the key, so that no log has to have it. */
export function writesOf({ revision, keys }: Intent): readonly StorageWrite[] {
  return keys.map((name) => {
    const deleted = name.startsWith('-');
    const full = deleted ? name.slice(1) : name;
    const slash = full.indexOf('/');
    return {
      collection: full.slice(0, slash),
      key: full.slice(slash + 1),
      value: deleted ? undefined : textOf(full, revision),
    };
  });
}

/** Mostly some hundred characters; some texts take pages of their own, a few of them many. */
function textOf(name: string, revision: number): string {
  const spread = (revision * 2_654_435_761 + name.length * 40_503) % 97;
  const size = spread === 0 ? 60_000 : spread < 8 ? 5_000 : spread * 8;
  return `${name}@${revision}:${'abcdefgh€'.repeat(Math.ceil(size / 9)).slice(0, size)}`;
}

/** Reads the log of a writer: `? revision keys...` before a commit, `! revision` after it. The last line may be torn. */
export function parseLog(text: string): History {
  const intents: Intent[] = [];
  let acknowledged = 0;
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [mark, revision, ...keys] = line.split(' ');
    if (mark === '?') intents.push({ revision: Number(revision), keys });
    else if (mark === '!') acknowledged = Math.max(acknowledged, Number(revision));
  }
  return { intents, acknowledged };
}

/**
 * What is wrong with a folder after a writer was killed: it must have exactly the transactions up to its revision, and that must not be
 * older than what was acknowledged.
 */
export function findFaults(
  intents: readonly Intent[],
  acknowledged: number,
  revision: number,
  entries: readonly StorageEntry[],
): readonly string[] {
  const faults: string[] = [];
  if (revision < acknowledged)
    faults.push(`is at revision ${revision}, and ${acknowledged} was acknowledged`);
  const newest = intents.at(-1)?.revision ?? 1;
  if (revision > newest) faults.push(`is at revision ${revision}, and nothing after ${newest} was begun`);
  const expected = new Map<string, { readonly value: string; readonly revision: number }>();
  for (const intent of intents) {
    if (intent.revision > revision) break;
    for (const { collection, key, value } of writesOf(intent)) {
      if (value === undefined) expected.delete(`${collection}/${key}`);
      else expected.set(`${collection}/${key}`, { value, revision: intent.revision });
    }
  }
  for (const { collection, key, value, revision: at } of entries) {
    const name = `${collection}/${key}`;
    const wanted = expected.get(name);
    if (wanted === undefined) faults.push(`has ${name} of revision ${at}, which is not there`);
    else if (wanted.revision !== at) faults.push(`has ${name} of revision ${at} and not ${wanted.revision}`);
    else if (wanted.value !== value) faults.push(`has other text in ${name} of revision ${at}`);
    expected.delete(name);
  }
  for (const [name, { revision: at }] of expected) faults.push(`lacks ${name} of revision ${at}`);
  return faults;
}
