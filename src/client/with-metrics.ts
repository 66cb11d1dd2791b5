import { type MetricsProvider, preview } from '../core/index.js';
import type { Client, Subresource } from './client.js';
import { intercept } from './intercept.js';
import { measuredWatch } from './measured-watch.js';
import { type HttpMethod, RequestMetrics } from './request-metrics.js';

/** Subresources that a POST makes; the others are replaced. */
const POSTED: readonly Subresource[] = /* @__PURE__ */ Object.freeze(['binding', 'eviction']);

/**
 * A client whose requests are counted and timed, under client-go's names and by the HTTP method and code that they have, or would have.
 *
 * `listAll` counts page by page. A watch counts once, when it first answers with an event, its end or its failure, and takes no time.
 * `barrier` is no request. Metrics: `rest_client_requests_total` and `rest_client_request_duration_seconds`.
 *
 * @param options.host - What the server is called in the metrics, as in `localhost:6443`.
 * @throws TypeError when that is no text.
 */
export function withMetrics(
  client: Client,
  provider: MetricsProvider,
  options: { readonly host: string },
): Client {
  const host: unknown = options?.host;
  if (typeof host !== 'string') {
    throw new TypeError(`withMetrics: host: expected a text, got ${preview(host)}`);
  }
  const requests = new RequestMetrics(provider, host, client.clock);
  return intercept(client, {
    get: (next, ...request) => requests.measure('GET', next(...request)),
    list: (next, ...request) => requests.measure('GET', next(...request)),
    watch: (next, ...request) =>
      measuredWatch(next(...request), {
        answered: () => requests.answered('GET'),
        failed: (error) => requests.failed('GET', error),
      }),
    create: (next, ...request) => requests.measure('POST', next(...request)),
    update: (next, ...request) => requests.measure('PUT', next(...request)),
    patch: (next, ...request) => requests.measure('PATCH', next(...request)),
    apply: (next, ...request) => requests.measure('PATCH', next(...request)),
    delete: (next, ...request) => requests.measure('DELETE', next(...request)),
    deleteCollection: (next, ...request) => requests.measure('DELETE', next(...request)),
    subresource: (next, resource, key, name, body, writeOptions) =>
      requests.measure(methodOf(name, body), next(resource, key, name, body, writeOptions)),
  });
}

function methodOf(name: Subresource, body: unknown): HttpMethod {
  if (body === undefined) return 'GET';
  return POSTED.includes(name) ? 'POST' : 'PUT';
}
