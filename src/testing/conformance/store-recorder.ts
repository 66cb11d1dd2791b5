import type { Client } from '../../client/index.js';
import { ApiError } from '../../core/index.js';
import type { ObjectStore, Transaction } from '../../store/index.js';
import type { LoggedObject } from '../history/logged-change.js';
import type { Effect } from '../history/operation.js';
import { check } from './conformance-case.js';
import { type RecordedRequest, type RequestLog, RequestRecorder } from './request-recorder.js';
import { at, Thing, thing } from './thing.js';
import {
  applied,
  contentChange,
  created,
  deleted,
  held,
  type Intent,
  painted,
  put,
  removed,
  reported,
  type ThingChange,
} from './thing-change.js';
import { generatedName, logged, stateOf } from './thing-state.js';
import { isSelected, type Selection, selectOptions } from './watcher.js';

/** Where the recorders of one history write to. */
export interface RecorderParts extends RequestLog {
  /** The names of all things that there may be. */
  readonly names: Set<string>;
  /** A value that no other write has. */
  readonly value: () => string;
}

/** What a transaction does to a thing. */
export interface TransactionStep {
  readonly name: string;
  readonly do: 'put' | 'delete';
  readonly colour: string;
}

/** What names are generated from. */
const PREFIX = 'generated-';

/** A client that writes down what it asked for and what was answered. */
export class StoreRecorder {
  readonly #store: ObjectStore;
  readonly #client: Client;
  readonly #parts: RecorderParts;
  readonly #requests: RequestRecorder;

  constructor(name: string, store: ObjectStore, client: Client, parts: RecorderParts) {
    this.#store = store;
    this.#client = client;
    this.#parts = parts;
    this.#requests = new RequestRecorder(name, parts);
  }

  create(name: string, colour: string): Promise<void> {
    const value = this.#parts.value();
    return this.#write(`create ${name} ${colour} ${value}`, name, created({ colour, value }), () =>
      this.#client.create(Thing, thing(name, value, { colour })),
    );
  }

  /** Creates a thing under a name that the store makes. */
  generate(colour: string): Promise<void> {
    const value = this.#parts.value();
    const name = generatedName(PREFIX, value);
    this.#parts.names.add(name);
    return this.#write(`generate ${colour} ${value}`, name, created({ colour, value }), async () => {
      const { metadata, ...fields } = thing('', value, { colour });
      const own = { ...metadata, generateName: PREFIX };
      const object = await this.#client.create(Thing, { ...fields, metadata: own });
      const made = object.metadata.name;
      check(
        made.startsWith(PREFIX) && /^[a-z0-9]{5}$/.test(made.slice(PREFIX.length)),
        () => `expected a name of ${PREFIX} and five letters or digits, got ${made}`,
      );
      return object;
    });
  }

  /** Updates what a get answers with; `isStale` with a revision that it never had. */
  async update(name: string, colour: string, isStale: boolean): Promise<void> {
    const read = await this.get(name);
    if (read === undefined) return;
    const value = this.#parts.value();
    const expected = isStale ? 1 : Number(read.metadata.resourceVersion);
    const metadata = { ...read.metadata, labels: { colour }, resourceVersion: String(expected) };
    await this.#write(
      `update ${name}@${expected} ${colour} ${value}`,
      name,
      painted({ colour, value }),
      // the status is not for it to write
      () => this.#client.update(Thing, { ...read, metadata, value, status: 'not mine' }),
      expected,
    );
  }

  /** Changes the colour, which may be the one that it has. */
  paint(name: string, colour: string): Promise<void> {
    const value = this.#parts.value();
    const patch = { metadata: { labels: { colour } }, value };
    return this.#write(`patch ${name} ${colour} ${value}`, name, painted({ colour, value }), () =>
      this.#client.patch(Thing, at(name), { type: 'merge', patch }),
    );
  }

  /** Writes what is there already: nothing happens. */
  async touch(name: string): Promise<void> {
    const read = await this.get(name);
    if (read === undefined) return;
    const expected = Number(read.metadata.resourceVersion);
    await this.#write(
      `touch ${name}@${expected}`,
      name,
      (before) => before ?? 'NotFound',
      () => this.#client.update(Thing, { ...read }),
      expected,
    );
  }

  /** Writes a status. */
  report(name: string): Promise<void> {
    const status = this.#parts.value();
    // the value is not for it to write
    const patch = { status, value: 'not mine' };
    return this.#write(`report ${name} ${status}`, name, reported(status), () =>
      this.#client.patch(Thing, at(name), { type: 'merge', patch }, { subresource: 'status' }),
    );
  }

  /** Sets the finalizers. */
  hold(name: string, finalizers: readonly string[]): Promise<void> {
    const patch = { metadata: { finalizers } };
    return this.#write(`hold ${name} [${finalizers.join(', ')}]`, name, held(finalizers), () =>
      this.#client.patch(Thing, at(name), { type: 'merge', patch }),
    );
  }

  /** Applies some parts: with new values, or with those that a get finds there. */
  async apply(
    name: string,
    parts: readonly string[],
    {
      manager,
      force,
      adopts,
    }: { readonly manager: string; readonly force: boolean; readonly adopts: boolean },
  ): Promise<void> {
    const found = adopts ? await this.get(name) : undefined;
    const wanted = Object.fromEntries(
      parts.map((part) => [part, found?.parts?.[part] ?? this.#parts.value()]),
    );
    const intent: Intent = { manager, parts: wanted, force };
    const { namespace } = at(name);
    await this.#write(`apply ${name} ${JSON.stringify(intent)}`, name, applied(intent), () =>
      this.#client.apply(
        Thing,
        { metadata: { name, namespace }, parts: wanted },
        { fieldManager: manager, force },
      ),
    );
  }

  delete(name: string): Promise<void> {
    const effects = [effectOf(name, deleted())];
    return this.#requests.record({
      text: `delete ${name}`,
      ...refusal(name, deleted()),
      effects: () => effects,
      send: async () => {
        const { resourceVersion } = await this.#client.delete(Thing, at(name));
        const revision = resourceVersion === undefined ? undefined : Number(resourceVersion);
        return [{ kind: 'write', revision, effects }];
      },
    });
  }

  /** Deletes what a selection has, one by one. */
  deleteCollection(selection: Selection): Promise<void> {
    const content = contentChange(removed());
    return this.#requests.record({
      text: `delete all of ${JSON.stringify(selection)}`,
      effects: () => [...this.#parts.names].map((name) => effectOf(name, removed())),
      isPiecemeal: true,
      send: async () => {
        const { items, resourceVersion } = await this.#client.deleteCollection(
          Thing,
          selectOptions(selection),
        );
        const matches = (object: LoggedObject): boolean => isSelected(selection, object);
        const objects = items.map(logged);
        return [{ kind: 'each', revision: Number(resourceVersion), objects, matches, content }];
      },
    });
  }

  /** Does several things at once; what is to be deleted and is not there is left alone. */
  transaction(steps: readonly TransactionStep[]): Promise<void> {
    const values = steps.map(() => this.#parts.value());
    const effects = steps.map(({ name, do: verb, colour }, index) =>
      effectOf(name, verb === 'put' ? put({ colour, value: values[index] as string }) : removed()),
    );
    const work = async (tx: Transaction): Promise<void> => {
      for (const [index, { name, do: verb, colour }] of steps.entries()) {
        const there = await tx.get(Thing, at(name)).catch(() => undefined);
        const value = values[index];
        if (verb === 'delete') {
          if (there !== undefined) await tx.delete(Thing, at(name));
        } else if (there === undefined) await tx.create(Thing, thing(name, value, { colour }));
        else {
          const metadata = { ...there.metadata, labels: { colour } };
          await tx.update(Thing, { ...there, metadata, value });
        }
      }
    };
    return this.#requests.record({
      text: `transaction ${steps.map(({ do: verb, name }, index) => `${verb} ${name} ${values[index]}`).join(', ')}`,
      effects: () => effects,
      send: async () => {
        await this.#store.transaction(work);
        return [{ kind: 'write', revision: undefined, effects }];
      },
    });
  }

  async get(name: string): Promise<Thing | undefined> {
    let read: Thing | undefined;
    const place = placeOf(name);
    await this.#requests.record({
      text: `get ${name}`,
      send: async () => {
        try {
          read = await this.#client.get(Thing, at(name));
        } catch (error) {
          if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
        }
        return [{ kind: 'get', place, object: read === undefined ? undefined : logged(read) }];
      },
    });
    return read;
  }

  /** Lists in pages, all of which are of the moment of the first. */
  list(selection: Selection, limit: number | undefined, exactly?: number): Promise<void> {
    const options = { ...selectOptions(selection), limit };
    return this.#requests.record({
      text: `list ${JSON.stringify(selection)}${exactly === undefined ? '' : ` exactly ${exactly}`}`,
      send: async () => {
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
        const matches = (object: LoggedObject): boolean => isSelected(selection, object);
        return [{ kind: 'list', revision, objects, matches, isOld: exactly !== undefined, returned }];
      },
    });
  }

  /** Records a write to one thing that answers with what became of it; `expected` is the revision that it must have been at. */
  #write(
    text: string,
    name: string,
    change: ThingChange,
    send: () => Promise<Thing>,
    expected?: number,
  ): Promise<void> {
    const effects = [effectOf(name, change)];
    return this.#requests.record({
      text,
      ...refusal(name, change, expected),
      effects: () => effects,
      send: async () => {
        const answer = await send();
        const { deletionTimestamp, finalizers } = answer.metadata;
        // what lets go of a thing that was to be deleted answers with what was wanted, at the revision from before that
        if (deletionTimestamp !== undefined && finalizers === undefined)
          return [{ kind: 'write', revision: undefined, effects }];
        const object = logged(answer);
        return [
          { kind: 'write', revision: object.revision, effects },
          { kind: 'get', place: placeOf(name), object },
        ];
      },
    });
  }
}

function placeOf(name: string): string {
  return `default/${name}`;
}

function effectOf(name: string, change: ThingChange): Effect {
  return { place: placeOf(name), content: contentChange(change) };
}

/** When a change of a thing may be refused: for what the rule says, or for a revision that it was not at. */
function refusal(
  name: string,
  change: ThingChange,
  expected?: number,
): Pick<RecordedRequest, 'place' | 'because'> {
  return {
    place: placeOf(name),
    because: (reason, object) =>
      (reason === 'Conflict' && expected !== undefined && object?.revision !== expected) ||
      change(object === undefined ? undefined : stateOf(object.content)) === reason,
  };
}
