import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** How many runs are remembered: a write is mostly heard of within milliseconds. */
const MOST = 10_000;

/** The spans of the last runs, so that later ones can link to them. */
export class SpanContexts {
  // by id of the run, the oldest first; at most MOST
  readonly #contexts = new Map<string, SpanContext>();

  /** What no trace has, such as the context of a tracer that does nothing, is not remembered. */
  add(run: string, context: SpanContext): void {
    if (!isSpanContextValid(context)) return;
    this.#contexts.set(run, context);
    if (this.#contexts.size <= MOST) return;
    for (const oldest of this.#contexts.keys()) {
      this.#contexts.delete(oldest);
      return;
    }
  }

  /** Undefined where the run is not remembered. */
  get(run: string): SpanContext | undefined {
    return this.#contexts.get(run);
  }
}
