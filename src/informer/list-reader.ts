import type { ListOptions, ObjectList } from '../client/index.js';
import { ApiError, isExpired, type Logger } from '../core/index.js';
import type { ReflectorOptions } from './reflector-options.js';
import { silence } from './watch-failure.js';
import { Watchdog } from './watchdog.js';

/** All objects, at one revision. */
export interface Listed<O> {
  readonly items: readonly O[];
  readonly resourceVersion: string;
}

/** How many objects a page of a list has at most. */
const PAGE_SIZE = 500;
/** So many milliseconds without an answer, and a list is taken for dead; Kubernetes itself gives up after a minute. */
const PATIENCE = 120_000;

/** Reads whole lists, page by page; where a later page has expired, again at once, in one piece. */
export class ListReader<O> {
  readonly #options: ReflectorOptions<O>;
  readonly #logger: Logger;

  constructor(options: ReflectorOptions<O>, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
  }

  /**
   * Every object at one revision, the newest.
   *
   * @param onAnswer - Called when the first page has come.
   * @throws What the client does; the reason of `signal` where that aborts; ApiError Timeout where no answer comes.
   */
  async read(signal: AbortSignal, onAnswer: () => void): Promise<Listed<O>> {
    try {
      return await this.#pages(signal, PAGE_SIZE, onAnswer);
    } catch (error) {
      if (signal.aborted || !isExpired(error)) throw error;
      this.#logger.info({ error }, 'the list expired while it was read: listing again in one piece');
      return this.#pages(signal, undefined, onAnswer);
    }
  }

  async #pages(signal: AbortSignal, limit: number | undefined, onAnswer: () => void): Promise<Listed<O>> {
    let page = await this.#page(signal, { limit });
    onAnswer();
    const { resourceVersion } = page;
    if (isLast(page)) return { items: page.items, resourceVersion };
    const items = [...page.items];
    while (!isLast(page)) {
      const token = page.continue;
      // a store that answers at once would give nobody a turn before the last page
      await this.#options.client.executor.breathe?.();
      page = await this.#page(signal, { limit, continue: token });
      // else it would never end
      if (page.continue === token) {
        throw ApiError.internal('expected another continue token on each page of a list, got the same again');
      }
      for (const item of page.items) items.push(item);
    }
    return { items, resourceVersion };
  }

  async #page(signal: AbortSignal, paging: ListOptions): Promise<ObjectList<O>> {
    const { client, resource, selection } = this.#options;
    const request = new AbortController();
    const abort = (): void => request.abort(signal.reason);
    const watchdog = new Watchdog(client.clock, PATIENCE, () => request.abort(silence('list', PATIENCE)));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const page = client.list(resource, { ...selection, ...paging, signal: request.signal });
      return await unlessAborted(page, request.signal);
    } finally {
      watchdog.stop();
      signal.removeEventListener('abort', abort);
    }
  }
}

function isLast(page: ObjectList<unknown>): boolean {
  return page.continue === undefined || page.continue === '';
}

/** What `work` resolves to; rejects where `signal` aborts first, and then whatever becomes of `work` is of no interest. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
