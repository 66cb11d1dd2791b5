import { ApiError, deepFreeze, frozenCopy, isPlain, preview } from '../../core/index.js';
import type { Eventual } from '../eventual.js';
import { isPromise, run, type Steps, wait } from '../steps.js';
import type { StoredObject } from '../stored-object.js';
import type { AdmissionPlugin, AdmissionRequest, AdmissionWriter } from './admission-plugin.js';

/** What no plugin may change: who the object is, and what the system alone writes. */
const FIXED_METADATA = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
] as const;

/** A write that has an object to change. */
type MutableRequest = AdmissionRequest & { readonly object: StoredObject };

/**
 * The plugins of a store, asked in their order.
 *
 * - An ApiError that a plugin throws is the answer to the writer, as it is; anything else becomes an InternalError that names the plugin
 *   and has the original as its `cause`.
 * - Plugins are given frozen requests, and objects that are frozen through and through.
 * - Nothing waits unless a plugin returns a promise.
 *
 * Source: `admission.chainAdmissionHandler` and the reinvocation of mutating plugins in k8s.io/apiserver.
 */
export class AdmissionChain {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];
  readonly #accompanying: readonly AdmissionPlugin[];
  /** Whether there is anybody to ask by {@link mutate}, by {@link validate}, by {@link accompany}. */
  readonly mutates: boolean;
  readonly validates: boolean;
  readonly accompanies: boolean;

  /** @throws TypeError where one is no plugin, or two have one name. */
  constructor(plugins: readonly AdmissionPlugin[]) {
    checkPlugins(plugins);
    this.#mutating = plugins.filter(({ mutate }) => mutate !== undefined);
    this.#validating = plugins.filter(({ validate }) => validate !== undefined);
    this.#accompanying = plugins.filter(({ accompany }) => accompany !== undefined);
    this.mutates = this.#mutating.length > 0;
    this.validates = this.#validating.length > 0;
    this.accompanies = this.#accompanying.length > 0;
  }

  /**
   * The object as all plugins want it; the very object of the request where none of them changes it.
   *
   * Where a plugin changes the object after another was asked, the other is asked once more, and then no further.
   *
   * @throws ApiError of the plugin that refuses; InternalError where a plugin answers with something that is not JSON, or changes what
   * the object is or what the system alone writes.
   */
  mutate(request: MutableRequest): Eventual<StoredObject> {
    const isHandled = this.#mutating.some((plugin) => handles(plugin, request));
    return isHandled ? run(this.#mutate(request)) : request.object;
  }

  *#mutate(request: MutableRequest): Steps<StoredObject> {
    const first = yield* this.#round(request, deepFreeze(request.object), this.#mutating.length, false);
    if (first.lastChange <= 0) return first.object;
    const second = yield* this.#round(request, first.object, first.lastChange, true);
    return second.object;
  }

  /** Asks for objections. @throws ApiError of the first plugin that has one. */
  validate(request: AdmissionRequest): Eventual<void> {
    return this.#validate(request, 0);
  }

  /** Asks the plugins from one on. */
  #validate(request: AdmissionRequest, from: number): Eventual<void> {
    let asked: AdmissionRequest | undefined;
    for (let index = from; index < this.#validating.length; index += 1) {
      const plugin = this.#validating[index] as AdmissionPlugin;
      if (!handles(plugin, request)) continue;
      asked ??= frozen(request);
      let answer: void | Promise<void>;
      try {
        answer = plugin.validate?.(asked);
      } catch (error) {
        throw blamed(plugin, error);
      }
      if (isPromise(answer)) {
        return Promise.resolve(answer).then(
          () => this.#validate(request, index + 1),
          (error: unknown) => {
            throw blamed(plugin, error);
          },
        );
      }
    }
    return undefined;
  }

  /**
   * Lets the plugins write beside the write, at once with it.
   *
   * @throws ApiError of the plugin that refuses; TypeError where a plugin returns a promise: it cannot wait here.
   */
  accompany(request: AdmissionRequest, store: AdmissionWriter): void {
    let asked: AdmissionRequest | undefined;
    for (const plugin of this.#accompanying) {
      if (request.dryRun || !handles(plugin, request)) continue;
      asked ??= frozen(request);
      let answer: unknown;
      try {
        answer = plugin.accompany?.(asked, store);
      } catch (error) {
        throw blamed(plugin, error);
      }
      if (answer instanceof Promise) {
        // what becomes of it is of no interest any more: the write has failed
        answer.catch(() => undefined);
        throw new TypeError(
          `${named(plugin)}: accompany: expected it to write at once and return nothing, got a promise`,
        );
      }
    }
  }

  /** Asks the first `count` plugins; `lastChange` is the place of the last that changed the object, -1 where none did. */
  *#round(
    request: MutableRequest,
    start: StoredObject,
    count: number,
    isReinvocation: boolean,
  ): Steps<{ readonly object: StoredObject; readonly lastChange: number }> {
    let current: MutableRequest = start === request.object ? request : { ...request, object: start };
    // what the next plugin is given; undefined until one wants it
    let asked: (MutableRequest & { readonly isReinvocation: boolean }) | undefined;
    let lastChange = -1;
    for (let index = 0; index < count; index += 1) {
      const plugin = this.#mutating[index] as AdmissionPlugin;
      if (!handles(plugin, current)) continue;
      const { object } = current;
      asked ??= Object.freeze({ ...current, isReinvocation });
      let next: StoredObject;
      try {
        const answer = yield* wait(plugin.mutate?.(asked));
        next = answer === undefined || answer === object ? object : checked(answer, object);
      } catch (error) {
        throw blamed(plugin, error);
      }
      if (next === object) continue;
      current = { ...current, object: next };
      asked = undefined;
      lastChange = index;
    }
    return { object: current.object, lastChange };
  }
}

function handles(plugin: AdmissionPlugin, request: AdmissionRequest): boolean {
  if (plugin.handles === undefined) return true;
  try {
    return plugin.handles(request);
  } catch (error) {
    throw blamed(plugin, error);
  }
}

function frozen(request: AdmissionRequest): AdmissionRequest {
  deepFreeze(request.object);
  return Object.isFrozen(request) ? request : Object.freeze({ ...request });
}

/** A plugin's answer as a frozen object that shares what it can with the one before. @throws Where it is not what it may be. */
function checked(answer: unknown, before: StoredObject): StoredObject {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer) || !isPlain(answer)) {
    throw new TypeError(`expected an object or nothing, got ${preview(answer)}`);
  }
  const object = frozenCopy(answer, '', before) as StoredObject;
  if (object === before) return before;
  for (const field of ['apiVersion', 'kind'] as const) {
    if (object[field] !== before[field]) throw fixed(field, before[field], object[field]);
  }
  const { metadata }: { readonly metadata: unknown } = object;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw new TypeError(`metadata: expected an object, got ${preview(metadata)}`);
  }
  for (const field of FIXED_METADATA) {
    const [was, is] = [before.metadata[field], object.metadata[field]];
    if (is !== was) throw fixed(`metadata.${field}`, was, is);
  }
  return object;
}

function fixed(field: string, before: unknown, after: unknown): TypeError {
  return new TypeError(`${field}: expected it to stay ${preview(before)}, got ${preview(after)}`);
}

/** What the writer is told of an error in a plugin. */
function blamed(plugin: AdmissionPlugin, error: unknown): unknown {
  if (error instanceof ApiError) return error;
  const why = error instanceof Error ? error.message : preview(error);
  return ApiError.internal(`${named(plugin)}: ${why}`, error);
}

function named(plugin: AdmissionPlugin): string {
  return `admission plugin ${JSON.stringify(plugin.name)}`;
}

function checkPlugins(plugins: readonly AdmissionPlugin[]): void {
  if (!Array.isArray(plugins)) {
    throw new TypeError(`admission: expected a list of plugins, got ${preview(plugins)}`);
  }
  const names = new Set<string>();
  plugins.forEach((plugin: AdmissionPlugin | null | undefined, index) => {
    const at = `admission[${index}]`;
    if (typeof plugin !== 'object' || plugin === null) {
      throw new TypeError(`${at}: expected a plugin, got ${preview(plugin)}`);
    }
    const { name } = plugin;
    if (typeof name !== 'string' || name === '') {
      throw new TypeError(`${at}.name: expected a name, got ${preview(name)}`);
    }
    if (names.has(name)) {
      throw new TypeError(`${at}.name: expected a name that no other plugin has, got ${preview(name)}`);
    }
    names.add(name);
    for (const part of ['handles', 'mutate', 'validate', 'accompany'] as const) {
      if (plugin[part] !== undefined && typeof plugin[part] !== 'function') {
        throw new TypeError(`${at}.${part}: expected a function, got ${preview(plugin[part])}`);
      }
    }
  });
}
