import { expect } from 'vitest';
import type { Client } from '../../src/client/index.js';
import { ApiError, isPlain, STATUS_CODES } from '../../src/core/index.js';
import type { ObjectStore } from '../../src/store/index.js';
import { HOSTILE_KINDS, type HostileCase } from './hostile-corpus.js';

/** What everything inherits, and what nobody may add to. */
const PROTOTYPES = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
];
const inherited = PROTOTYPES.map(namesOf);

function namesOf(prototype: object): readonly PropertyKey[] {
  return Reflect.ownKeys(prototype);
}

/** Everything that a store has, with the revision of it. */
export async function everything(client: Client): Promise<readonly unknown[]> {
  const lists = [];
  for (const kind of HOSTILE_KINDS) lists.push((await client.list(kind)).items);
  return lists.flat();
}

/** Sends what is hostile to a store, and fails unless that becomes of it which has to. */
export async function runHostileCase(
  { send, reason, stored, as }: HostileCase,
  store: ObjectStore,
): Promise<void> {
  const client = store.client();
  const before = await everything(client);
  const revision = await client.barrier();
  const outcome = await send(client, store).then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  expect(PROTOTYPES.map(namesOf)).toEqual(inherited);
  if (reason === undefined) {
    if ('error' in outcome) throw outcome.error;
    if (stored !== undefined) await checkStored(client, outcome.value, stored, as);
    return;
  }
  const error = 'error' in outcome ? outcome.error : new Error('it was accepted');
  if (!(error instanceof ApiError)) throw error;
  expect(`${error.reason} ${error.code}`).toBe(`${reason} ${STATUS_CODES[reason]}`);
  expect(error.ambiguous).toBe(false);
  expect(error.message.length).toBeLessThan(20_000);
  expect(JSON.stringify(error.toStatus()).length).toBeLessThan(200_000);
  // nothing is stored, and nothing was for a moment
  expect(await client.barrier()).toBe(revision);
  const after = await everything(client);
  expect(after.length).toBe(before.length);
  expect(after.every((object, index) => object === before[index])).toBe(true);
}

/** Whether what a write answered with is what a get finds, and what it was to be. */
async function checkStored(
  client: Client,
  answered: unknown,
  stored: NonNullable<HostileCase['stored']>,
  as: HostileCase['as'],
): Promise<void> {
  const { kind, metadata } = answered as { kind: string; metadata: { name: string; namespace?: string } };
  const resource = HOSTILE_KINDS.find((each) => each.kind === kind) as (typeof HOSTILE_KINDS)[number];
  const found = (await client.get(resource, metadata)) as unknown as Readonly<Record<string, unknown>>;
  expect(isSame(found, answered)).toBe(true);
  expect(isSame(stored(found), as?.())).toBe(true);
}

/** Whether two JSON values are the same, keys that every object inherits included; -0 is not 0. */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b) || !(Array.isArray(a) || (isPlain(a) && isPlain(b))))
    return false;
  const keys = Object.keys(a);
  const other = b as Readonly<Record<string, unknown>>;
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && isSame((a as Readonly<Record<string, unknown>>)[key], other[key]),
    )
  );
}
