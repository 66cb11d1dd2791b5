import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type ContextManager,
  type Exception,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  type TimeInput,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';

/** A span that writes down what it is told. */
export class RecordedSpan implements Span {
  readonly name: string;
  readonly options: SpanOptions;
  readonly attributes: Attributes;
  readonly links: readonly Link[];
  readonly events: unknown[] = [];
  readonly exceptions: Exception[] = [];
  status: SpanStatus | undefined;
  ended = 0;
  readonly #context: SpanContext;

  constructor(name: string, options: SpanOptions, context: SpanContext) {
    this.name = name;
    this.options = options;
    this.attributes = { ...options.attributes };
    this.links = options.links ?? [];
    this.#context = context;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  setAttribute(key: string, value: Attributes[string]): this {
    Object.assign(this.attributes, { [key]: value });
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  addEvent(name: string, attributes?: Attributes | TimeInput): this {
    this.events.push([name, attributes]);
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {
    this.ended += 1;
  }

  isRecording(): boolean {
    return this.ended === 0;
  }

  recordException(exception: Exception): void {
    this.exceptions.push(exception);
  }
}

/** A tracer that keeps its spans. */
export class RecordingTracer implements Tracer {
  readonly spans: RecordedSpan[] = [];
  readonly #isValid: boolean;

  /** @param isValid - Whether its spans are such that one can link to them. */
  constructor(isValid = true) {
    this.#isValid = isValid;
  }

  startSpan(name: string, options: SpanOptions = {}): RecordedSpan {
    const id = this.#isValid ? this.spans.length + 1 : 0;
    const span = new RecordedSpan(name, options, {
      traceId: id.toString(16).padStart(32, '0'),
      spanId: id.toString(16).padStart(16, '0'),
      traceFlags: TraceFlags.SAMPLED,
    });
    this.spans.push(span);
    return span;
  }

  startActiveSpan(): never {
    throw new Error('not needed here');
  }
}

/** What an SDK has to carry a context over `await`. */
export class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(context, () => fn.call(thisArg as never, ...args));
  }

  bind<T>(_context: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}
