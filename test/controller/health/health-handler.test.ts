import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HealthChecks, healthHandler, type HttpListener } from '../../../src/controller/health/index.js';
import { type Logger, VirtualClock } from '../../../src/core/index.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Serves on a free port of this machine; what is answered asks it. */
async function serve(listener: HttpListener): Promise<(path: string, method?: string) => Promise<Answer>> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return (path, method = 'GET') =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, path, method, agent: false }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
}

function setUp() {
  const clock = new VirtualClock();
  const health = new HealthChecks({ clock });
  const ready = new HealthChecks({ clock });
  const logs: unknown[] = [];
  const note = (fields: unknown, message: string): void => void logs.push([message, fields]);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  return { clock, health, ready, logs, logger };
}

/** A response that writes down what it was told. */
function recordingResponse() {
  const calls: unknown[][] = [];
  return {
    calls,
    writeHead: (...args: unknown[]) => calls.push(['writeHead', ...args]),
    end: (...args: unknown[]) => calls.push(['end', ...args]),
    destroy: () => calls.push(['destroy']),
  };
}

describe('healthHandler', () => {
  it('answers as Kubernetes does', async () => {
    const { health, ready, logger, logs } = setUp();
    ready.add({ name: 'ping', check: () => undefined });
    ready.add({
      name: 'caches',
      check: () => {
        throw new Error('not synced');
      },
    });
    const ask = await serve(healthHandler({ health, ready, logger }));

    const well = await ask('/healthz');
    expect([well.status, well.body]).toEqual([200, 'ok']);
    expect(well.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-length': '2',
    });
    expect((await ask('/healthz?verbose')).body).toBe('[+]ping ok\nhealthz check passed\n');
    expect((await ask('/healthz/ping')).body).toBe('ok');
    expect(logs).toEqual([]);

    const unwell = await ask('/readyz');
    expect(unwell.status).toBe(500);
    expect(unwell.body).toBe('[+]ping ok\n[-]caches failed: reason withheld\nreadyz check failed\n');
    expect(logs).toEqual([
      ['a health check failed', { endpoint: 'readyz', check: 'caches', error: new Error('not synced') }],
    ]);
    const alone = await ask('/readyz/caches');
    expect([alone.status, alone.body]).toEqual([500, 'internal server error: not synced\n']);

    expect((await ask('/readyz?exclude=caches')).body).toBe('ok');
    expect((await ask('/readyz?exclude=caches&exclude=ping&verbose=1')).body).toBe(
      '[+]ping excluded: ok\n[+]caches excluded: ok\nreadyz check passed\n',
    );
    expect((await ask('/readyz/?exclude=z&exclude=caches&verbose&exclude=a%22b')).body).toBe(
      '[+]ping ok\n[+]caches excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "a\\"b","z"\nreadyz check passed\n',
    );
  });

  it('says 404 and 405', async () => {
    const { health, ready } = setUp();
    const ask = await serve(healthHandler({ health, ready }));
    for (const path of [
      '/',
      '/livez',
      '/healthzz',
      '/healthz/none',
      '/__proto__',
      '/healthz/__proto__',
      '//',
      '/%',
    ]) {
      expect((await ask(path)).status, path).toBe(404);
    }
    const refused = await ask('/healthz', 'POST');
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD']);
    const head = await ask('/healthz?verbose', 'HEAD');
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '32']);
  });

  it('serves further pages, and answers for those that fail', async () => {
    const { health, ready, logger, logs } = setUp();
    const pages = {
      '/metrics': async () => ({ type: 'text/plain; version=0.0.4', body: 'ä 1\n' }),
      '/broken': () => Promise.reject(new Error('no')),
      '/thrown': () => {
        throw 'a text';
      },
    };
    const ask = await serve(healthHandler({ health, ready, logger, pages }));
    const metrics = await ask('/metrics?name=x');
    expect([metrics.status, metrics.headers['content-type'], metrics.body]).toEqual([
      200,
      'text/plain; version=0.0.4',
      'ä 1\n',
    ]);
    expect((await ask('/metrics', 'PUT')).status).toBe(405);
    expect((await ask('/broken')).body).toBe('internal server error: no\n');
    expect((await ask('/thrown')).body).toBe('internal server error: "a text"\n');
    expect(logs).toEqual([
      ['a page could not be made', { url: '/broken', error: new Error('no') }],
      ['a page could not be made', { url: '/thrown', error: 'a text' }],
    ]);
  });

  it('cuts checks that hang', async () => {
    const { clock, health, ready } = setUp();
    health.add({ name: 'stuck', check: () => new Promise(() => undefined) });
    const response = recordingResponse();
    healthHandler({ health, ready, timeout: 100 })({ method: 'GET', url: '/healthz' }, response);
    await clock.advance(99);
    expect(response.calls).toEqual([]);
    await clock.advance(1);
    expect(response.calls[0]?.slice(0, 2)).toEqual(['writeHead', 500]);
    expect(clock.timers).toBe(0);
  });

  it('never throws: it cuts off what it cannot answer', async () => {
    const { clock, health, ready } = setUp();
    const response = recordingResponse();
    response.writeHead = () => {
      throw new Error('headers were sent already');
    };
    const listener = healthHandler({ health, ready });
    listener({ method: 'GET', url: '/healthz' }, response);
    await clock.advance(0);
    expect(response.calls).toEqual([['destroy']]);
    const bare = recordingResponse();
    listener({}, bare);
    await clock.advance(0);
    expect(bare.calls[0]?.slice(0, 2)).toEqual(['writeHead', 404]);
  });

  it('survives callers that leave', async () => {
    const { health, ready } = setUp();
    let resolve: () => void = () => undefined;
    const ends = new Promise<void>((done) => (resolve = done));
    health.add({ name: 'slow', check: () => ends });
    const handler = healthHandler({ health, ready });
    let answered: (() => void) | undefined;
    const gone = new Promise<void>((done) => (answered = done));
    const server = createServer((incoming, response) => {
      if (incoming.url === '/healthz/slow') {
        response.once('close', () => {
          resolve();
          answered?.();
        });
      }
      handler(incoming, response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    open.push(() => new Promise((done) => server.close(() => done())));
    const { port } = server.address() as AddressInfo;
    const outgoing = request({ host: '127.0.0.1', port, path: '/healthz/slow', agent: false });
    outgoing.on('error', () => undefined);
    server.once('request', () => outgoing.destroy());
    outgoing.end();
    await gone;
    expect(await health.runOne('slow')).toEqual({ name: 'slow', state: 'ok' });
  });

  it('refuses a time-out that is none', () => {
    const { health, ready } = setUp();
    expect(() => healthHandler({ health, ready, timeout: 0 })).toThrow(RangeError);
  });
});
