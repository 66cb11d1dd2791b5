import {
  ApiError,
  type Clock,
  type Counter,
  type Histogram,
  type MetricLabels,
  type MetricsProvider,
} from '../core/index.js';

/** How a request goes over the wire, or would go. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Upper bounds in seconds, from 5 ms to a minute: those of Kubernetes' components. */
const BUCKETS: readonly number[] = /* @__PURE__ */ Object.freeze([
  0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60,
]);

/** What requests of a client measure, under client-go's names. */
export class RequestMetrics {
  readonly #host: string;
  readonly #clock: Clock;
  readonly #requests: Counter;
  readonly #seconds: Histogram;
  // the labels of each method and code that was seen: made once
  readonly #results = new Map<HttpMethod, Map<string, MetricLabels>>();
  readonly #verbs = new Map<HttpMethod, MetricLabels>();

  constructor(provider: MetricsProvider, host: string, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
    this.#requests = provider.counter({
      name: 'rest_client_requests_total',
      help: 'Requests that were answered, by method and HTTP code; the code is <error> where there was no answer',
      labelNames: ['code', 'method', 'host'],
    });
    this.#seconds = provider.histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'How long requests took until they were answered; watches do not count',
      labelNames: ['verb', 'host'],
      buckets: BUCKETS,
    });
  }

  /** Counts and times a request that was just sent; the answer is passed on. */
  measure<T>(method: HttpMethod, answer: Promise<T>): Promise<T> {
    const start = this.#clock.monotonic();
    return answer.then(
      (result) => {
        this.#time(method, start);
        this.answered(method);
        return result;
      },
      (error: unknown) => {
        this.#time(method, start);
        this.failed(method, error);
        throw error;
      },
    );
  }

  answered(method: HttpMethod): void {
    this.#count(method, method === 'POST' ? '201' : '200');
  }

  failed(method: HttpMethod, error: unknown): void {
    this.#count(method, error instanceof ApiError ? String(error.code) : '<error>');
  }

  #time(method: HttpMethod, start: number): void {
    let labels = this.#verbs.get(method);
    if (labels === undefined) {
      labels = Object.freeze({ verb: method, host: this.#host });
      this.#verbs.set(method, labels);
    }
    this.#seconds.observe((this.#clock.monotonic() - start) / 1_000, labels);
  }

  #count(method: HttpMethod, code: string): void {
    let codes = this.#results.get(method);
    if (codes === undefined) {
      codes = new Map();
      this.#results.set(method, codes);
    }
    let labels = codes.get(code);
    if (labels === undefined) {
      labels = Object.freeze({ code, method, host: this.#host });
      codes.set(code, labels);
    }
    this.#requests.add(1, labels);
  }
}
