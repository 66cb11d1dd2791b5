import type { Client } from '../../client/index.js';
import { ApiError } from '../../core/index.js';
import type { ObjectStore, Transaction } from '../../store/index.js';
import type { LoggedObject } from '../history/logged-change.js';
import type { Effect, Operation } from '../history/linearizability.js';
import type { Journal } from './journal.js';
import { at, contentOf, logged, Thing, thing } from './thing.js';
import { isSelected, type Selection, selectOptions } from './watcher.js';

/** Where the recorders of one history write to. */
export interface RecorderParts {
  readonly journal: Journal;
  readonly operations: Operation[];
  /** The next moment; each differs. */
  readonly moment: () => number;
  /** A value that no other write has. */
  readonly value: () => string;
}

/** What an answer says about what happened; where it has a moment of its own, that of the answer. */
type Answer = Operation extends infer O
  ? O extends Operation
    ? Omit<O, 'name' | 'invoked' | 'returned'> & { readonly returned?: number }
    : never
  : never;

/** What a transaction does to a thing. */
export interface TransactionStep {
  readonly name: string;
  readonly do: 'put' | 'delete';
  readonly colour: string;
}

/** A client that writes down what it asked for and what was answered. */
export class StoreRecorder {
  readonly name: string;
  readonly #store: ObjectStore;
  readonly #client: Client;
  readonly #parts: RecorderParts;

  constructor(name: string, store: ObjectStore, client: Client, parts: RecorderParts) {
    this.name = name;
    this.#store = store;
    this.#client = client;
    this.#parts = parts;
  }

  create(name: string, colour: string): Promise<void> {
    const value = this.#parts.value();
    const place = placeOf(name);
    return this.#record(
      `create ${name} ${colour} ${value}`,
      async () => wrote(await this.#client.create(Thing, thing(name, value, { colour }))),
      { effects: [{ place, content: contentOf(colour, value) }], place },
    );
  }

  /** Updates what a get answers with; `isStale` with a revision that it never had. */
  async update(name: string, colour: string, isStale: boolean): Promise<void> {
    const read = await this.get(name);
    if (read === undefined) return;
    const value = this.#parts.value();
    const expected = isStale ? 1 : Number(read.metadata.resourceVersion);
    const place = placeOf(name);
    const metadata = { ...read.metadata, labels: { colour }, resourceVersion: String(expected) };
    await this.#record(
      `update ${name}@${expected} ${colour} ${value}`,
      async () => wrote(await this.#client.update(Thing, { ...read, metadata, value })),
      { effects: [{ place, content: contentOf(colour, value) }], place, expected },
    );
  }

  /** Changes the colour, which may be the one that it has. */
  async paint(name: string, colour: string): Promise<void> {
    const place = placeOf(name);
    const value = this.#parts.value();
    await this.#record(
      `patch ${name} ${colour} ${value}`,
      async () => {
        const patch = { metadata: { labels: { colour } }, value };
        return wrote(await this.#client.patch(Thing, at(name), { type: 'merge', patch }));
      },
      { effects: [{ place, content: contentOf(colour, value) }], place },
    );
  }

  /** Writes what is there already: nothing happens. */
  async touch(name: string): Promise<void> {
    const read = await this.get(name);
    if (read === undefined) return;
    const place = placeOf(name);
    const expected = Number(read.metadata.resourceVersion);
    await this.#record(
      `touch ${name}@${expected}`,
      async () => ({ kind: 'get', place, object: logged(await this.#client.update(Thing, { ...read })) }),
      { effects: [], place, expected },
    );
  }

  delete(name: string): Promise<void> {
    const place = placeOf(name);
    return this.#record(
      `delete ${name}`,
      async () => {
        const { resourceVersion } = await this.#client.delete(Thing, at(name));
        return { kind: 'write', revision: Number(resourceVersion), effects: [{ place, content: undefined }] };
      },
      { effects: [{ place, content: undefined }], place },
    );
  }

  /** Does several things at once; what is to be deleted and is not there is left alone. */
  async transaction(steps: readonly TransactionStep[]): Promise<void> {
    let effects: Effect[] = [];
    const work = async (tx: Transaction): Promise<void> => {
      effects = [];
      for (const { name, do: verb, colour } of steps) {
        const there = await tx.get(Thing, at(name)).catch(() => undefined);
        if (verb === 'delete') {
          if (there === undefined) continue;
          await tx.delete(Thing, at(name));
          effects.push({ place: placeOf(name), content: undefined });
          continue;
        }
        const value = this.#parts.value();
        if (there === undefined) await tx.create(Thing, thing(name, value, { colour }));
        else {
          const metadata = { ...there.metadata, labels: { colour } };
          await tx.update(Thing, { ...there, metadata, value });
        }
        effects.push({ place: placeOf(name), content: contentOf(colour, value) });
      }
    };
    const text = steps.map(({ do: verb, name }) => `${verb} ${name}`).join(', ');
    await this.#record(
      `transaction ${text}`,
      async () => {
        await this.#store.transaction(work);
        if (effects.length === 0) return undefined;
        return { kind: 'write', revision: undefined, effects };
      },
      { effects: () => effects, place: '' },
    );
  }

  async get(name: string): Promise<Thing | undefined> {
    let read: Thing | undefined;
    const place = placeOf(name);
    await this.#record(
      `get ${name}`,
      async () => {
        try {
          read = await this.#client.get(Thing, at(name));
        } catch (error) {
          if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
        }
        return { kind: 'get', place, object: read === undefined ? undefined : logged(read) };
      },
      { effects: [], place },
    );
    return read;
  }

  /** Lists in pages, all of which are of the moment of the first; answers with their revision, or 0 where that failed. */
  async list(selection: Selection, limit: number | undefined, exactly?: number): Promise<number> {
    const options = { ...selectOptions(selection), limit };
    let listed = 0;
    await this.#record(
      `list ${JSON.stringify(selection)}${exactly === undefined ? '' : ` exactly ${exactly}`}`,
      async () => {
        let page = await this.#client.list(Thing, {
          ...options,
          ...(exactly === undefined
            ? {}
            : { resourceVersion: String(exactly), resourceVersionMatch: 'Exact' as const }),
        });
        const returned = this.#parts.moment();
        const revision = Number(page.resourceVersion);
        const objects = page.items.map(logged);
        while (page.continue !== undefined) {
          page = await this.#client.list(Thing, { ...options, continue: page.continue });
          objects.push(...page.items.map(logged));
        }
        listed = revision;
        const matches = (object: LoggedObject): boolean => isSelected(selection, object);
        return { kind: 'list', revision, objects, matches, isOld: exactly !== undefined, returned };
      },
      { effects: [], place: '' },
    );
    return listed;
  }

  /** Runs a request; what it may have done is known even where it fails. */
  async #record(
    text: string,
    request: () => Promise<Answer | undefined>,
    about: {
      readonly effects: readonly Effect[] | (() => readonly Effect[]);
      readonly place: string;
      readonly expected?: number;
    },
  ): Promise<void> {
    const { journal, moment, operations } = this.#parts;
    const invoked = moment();
    const name = `${this.name} ${text}`;
    try {
      const answer = await request();
      const returned = moment();
      if (answer !== undefined) operations.push({ name, invoked, returned, ...answer });
      journal.write(`${name} -> ${answerText(answer)}`);
    } catch (error) {
      const returned = moment();
      if (!(error instanceof ApiError)) throw error;
      journal.write(`${name} -> ${error.ambiguous ? 'ambiguous ' : ''}${error.reason}: ${error.message}`);
      const { reason } = error;
      const { effects, place, expected } = about;
      const all = typeof effects === 'function' ? effects() : effects;
      if (error.ambiguous) {
        if (all.length > 0) {
          operations.push({
            kind: 'uncertain',
            name,
            invoked,
            returned: Number.POSITIVE_INFINITY,
            effects: all,
          });
        }
        return;
      }
      const isRefusal = reason === 'NotFound' || reason === 'AlreadyExists' || reason === 'Conflict';
      if (isRefusal && place !== '') {
        operations.push({ kind: 'refused', reason, name, invoked, returned, place, expected });
        return;
      }
      const isExpected =
        (reason === 'Conflict' && place === '') ||
        reason === 'ServiceUnavailable' ||
        reason === 'Timeout' ||
        reason === 'Expired';
      if (!isExpected) throw error;
    }
  }
}

function placeOf(name: string): string {
  return `default/${name}`;
}

function wrote(object: Thing): Answer {
  const { revision, content, name } = logged(object);
  return { kind: 'write', revision, effects: [{ place: placeOf(name), content }] };
}

function answerText(answer: Answer | undefined): string {
  switch (answer?.kind) {
    case undefined:
      return 'nothing to do';
    case 'write':
      return answer.revision === undefined ? 'done' : `done at ${answer.revision}`;
    case 'get':
      return answer.object === undefined
        ? 'nothing'
        : `${answer.object.content} of ${answer.object.revision}`;
    case 'list':
      return `${answer.objects.length} at ${answer.revision}`;
    case 'refused':
    case 'uncertain':
      return answer.kind;
  }
}
