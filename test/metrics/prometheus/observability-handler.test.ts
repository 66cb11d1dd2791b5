import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { HealthChecks } from '../../../src/controller/index.js';
import { systemClock } from '../../../src/core/index.js';
import { observabilityHandler, prometheusMetrics } from '../../../src/metrics/prometheus/index.js';

describe('observabilityHandler', () => {
  it('serves metrics, health and readiness', async () => {
    const registry = new Registry();
    const gauge = prometheusMetrics({ registry }).gauge({ name: 'age', help: 'How old' });
    gauge.observe?.(() => 42);
    const health = new HealthChecks({ clock: systemClock });
    const ready = new HealthChecks({ clock: systemClock });
    ready.add({ name: 'caches', check: () => Promise.reject(new Error('not synced')) });
    const server = createServer(observabilityHandler({ registry, health, ready }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = async (path: string, method = 'GET'): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { connection: 'close' },
      });
      return [response.status, await response.text()];
    };
    try {
      expect(await ask('/metrics')).toEqual([200, '# HELP age How old\n# TYPE age gauge\nage 42\n']);
      expect(await ask('/metrics', 'POST')).toEqual([405, 'method not allowed\n']);
      expect(await ask('/healthz')).toEqual([200, 'ok']);
      expect(await ask('/readyz/caches')).toEqual([500, 'internal server error: not synced\n']);
      expect((await ask('/'))[0]).toBe(404);
      const metrics = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
      expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      await metrics.text();
      gauge.observe?.(() => {
        throw new Error('no age');
      });
      expect(await ask('/metrics')).toEqual([500, 'internal server error: no age\n']);
      expect(await ask('/healthz')).toEqual([200, 'ok']);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
