import { type Logger, noopLogger, preview } from '../../core/index.js';
import { formatReport } from './format-report.js';
import type { HealthChecks } from './health-checks.js';
import type { HttpListener, HttpRequest, HttpResponse } from './http-listener.js';

/** A page that is served beside the checks. */
export interface HealthPage {
  /** Its media type. */
  readonly type: string;
  readonly body: string;
}

/** What is served, and how. */
export interface HealthHandlerOptions {
  /** For `/healthz`: where one fails, the process should be started anew. */
  readonly health: HealthChecks;
  /** For `/readyz`: where one fails, the process should be given no work. */
  readonly ready: HealthChecks;
  /** Milliseconds that each check may take, 5,000 unless given; after that it has failed. */
  readonly timeout?: number | undefined;
  /** Told why a check failed, or a page could not be made. */
  readonly logger?: Logger | undefined;
  /** Further pages, by path as in `/metrics`; each is made when it is asked for. */
  readonly pages?: Readonly<Record<string, () => Promise<HealthPage>>> | undefined;
}

interface Answer extends HealthPage {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The path of a list of checks, or of one of them. */
const CHECKS = /^\/(healthz|readyz)(?:\/(.*))?$/s;

/**
 * Serves `/healthz` and `/readyz` as Kubernetes does: a listener for `createServer` of `node:http`.
 *
 * The answer is 200 and `ok`, or 500 and a list of all checks. `?verbose` lists them always; `?exclude=name`, which may be there several
 * times, leaves one out. `/readyz/name` runs one check alone, and says what it failed with. GET and HEAD only; what is not there is 404.
 * It never throws: what fails is an answer.
 *
 * @throws RangeError for a time-out that is no number of milliseconds above 0.
 *
 * @example
 * ```ts
 * createServer(healthHandler({ health: manager.health, ready: manager.ready })).listen(8081);
 * ```
 *
 * Source: `pkg/server/healthz` in k8s.io/apiserver.
 */
export function healthHandler(options: HealthHandlerOptions): HttpListener {
  const { timeout, logger = noopLogger, pages = {} } = options;
  if (timeout !== undefined && !(timeout > 0)) {
    throw new RangeError(`healthHandler: timeout: expected milliseconds above 0, got ${preview(timeout)}`);
  }

  const answerAll = async (endpoint: string, checks: HealthChecks, query: string): Promise<Answer> => {
    const parameters = new URLSearchParams(query);
    const report = await checks.run({ exclude: parameters.getAll('exclude'), timeout });
    for (const { name, state, error } of report.results) {
      if (state === 'failed') logger.warn({ endpoint, check: name, error }, 'a health check failed');
    }
    return text(report.healthy ? 200 : 500, formatReport(endpoint, report, parameters.has('verbose')));
  };

  const answerOne = async (endpoint: string, checks: HealthChecks, name: string): Promise<Answer> => {
    const result = await checks.runOne(name, { timeout });
    if (result === undefined) return NOT_FOUND;
    if (result.state === 'ok') return text(200, 'ok');
    logger.warn({ endpoint, check: name, error: result.error }, 'a health check failed');
    return failure(result.error);
  };

  const answer = async ({ method, url = '' }: HttpRequest): Promise<Answer> => {
    const [path, query] = splitUrl(url);
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    const [, endpoint, name = ''] = CHECKS.exec(path) ?? [];
    if (page === undefined && endpoint === undefined) return NOT_FOUND;
    if (method !== 'GET' && method !== 'HEAD') return METHOD_NOT_ALLOWED;
    if (page !== undefined) return { status: 200, ...(await page()) };
    const checks = endpoint === 'healthz' ? options.health : options.ready;
    return name === '' ? answerAll(`${endpoint}`, checks, query) : answerOne(`${endpoint}`, checks, name);
  };

  const serve = async (request: HttpRequest, response: HttpResponse): Promise<void> => {
    const given = await answer(request).catch((error: unknown) => {
      logger.error({ url: request.url, error }, 'a page could not be made');
      return failure(error);
    });
    const length = new TextEncoder().encode(given.body).length;
    response.writeHead(given.status, {
      'Content-Type': given.type,
      'Content-Length': length,
      'X-Content-Type-Options': 'nosniff',
      ...given.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : given.body);
  };

  return (request, response) => {
    // what cannot be answered is cut off
    serve(request, response).catch(() => response.destroy());
  };
}

const NOT_FOUND: Answer = /* @__PURE__ */ text(404, '404 page not found\n');
const METHOD_NOT_ALLOWED: Answer = /* @__PURE__ */ text(405, 'method not allowed\n', { Allow: 'GET, HEAD' });

function text(status: number, body: string, headers: Answer['headers'] = {}): Answer {
  return { status, type: 'text/plain; charset=utf-8', body, headers };
}

function failure(error: unknown): Answer {
  return text(500, `internal server error: ${error instanceof Error ? error.message : preview(error)}\n`);
}

/** The path of a request and its query. */
function splitUrl(url: string): readonly [path: string, query: string] {
  const end = url.indexOf('?');
  return end === -1 ? [url, ''] : [url.slice(0, end), url.slice(end + 1)];
}
