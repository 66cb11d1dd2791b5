import { HotLoops } from '../../../src/controller/guard-rails/hot-loops.js';
import type { HotLoop } from '../../../src/controller/guard-rails/hot-loop.js';
import { type ObjectKey, VirtualClock } from '../../../src/core/index.js';
import { defineResource } from '../../../src/resources/index.js';

export const Website = defineResource({ group: 'example.com', version: 'v1', kind: 'Website' });

/** A state of a Website, as a server gives it. */
export function state(revision: number, rest: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Website',
    metadata: { name: 'a', namespace: 'default', uid: '1', resourceVersion: String(revision), ...metadata },
    ...rest,
  };
}

/** A detector on a virtual clock, and a short way to tell it of writes of a controller to Websites. */
export class Writer {
  readonly clock = new VirtualClock();
  readonly loops: HotLoops;
  #revision = 1;

  constructor(most?: number) {
    this.loops = new HotLoops({ clock: this.clock, most });
  }

  /** The next state. */
  next(rest: object, metadata?: object): object {
    this.#revision += 1;
    return state(this.#revision, rest, metadata);
  }

  write(
    before: object | undefined,
    after: object,
    other: { key?: ObjectKey; store?: string } = {},
  ): HotLoop | undefined {
    const key = other.key ?? { name: 'a', namespace: 'default' };
    return this.loops.observe({
      controller: 'site',
      resource: Website,
      key,
      store: other.store,
      before,
      after,
    });
  }

  /** Writes a series of contents, each over the one before, `every` milliseconds; the findings. */
  async series(contents: Iterable<object>, every: number): Promise<HotLoop[]> {
    const found: HotLoop[] = [];
    let before: object | undefined;
    for (const content of contents) {
      const after = this.next(content);
      const loop = this.write(before, after);
      if (loop !== undefined) found.push(loop);
      before = after;
      await this.clock.advance(every);
    }
    return found;
  }
}
