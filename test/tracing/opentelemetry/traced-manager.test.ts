import { describe, expect, it } from 'vitest';
import { controller, Manager } from '../../../src/controller/index.js';
import { openTelemetryTracer } from '../../../src/tracing/opentelemetry/index.js';
import { at, Note, setUp, Website, website } from '../../store/kit.js';
import { RecordingTracer } from './recording-tracer.js';

describe('a manager with openTelemetryTracer', () => {
  it('links a reconcile to the one whose write caused it', async () => {
    const { store, client } = setUp();
    const sites = controller('sites')
      .for(Website)
      .reconcile(async ({ object, client: own, key }) => {
        if (object !== undefined) await own.apply(Note, { metadata: { ...at(key.name) }, from: 'sites' });
      });
    const notes = controller('notes')
      .for(Note)
      .reconcile(async () => undefined);
    const tracer = new RecordingTracer();
    const manager = new Manager({
      client,
      controllers: [sites, notes],
      tracer: openTelemetryTracer(tracer),
    });
    await manager.start();
    await client.create(Website, website('a'));
    await manager.idle();
    await manager.stop();
    await store.close();
    const [cause, effect] = tracer.spans;
    expect(tracer.spans.map(({ name, ended }) => [name, ended])).toEqual([
      ['reconcile sites', 1],
      ['reconcile notes', 1],
    ]);
    expect(cause?.links).toEqual([]);
    expect(cause?.events).toMatchObject([
      ['keelson.write', { 'keelson.write.verb': 'apply', 'keelson.write.kind': 'Note' }],
    ]);
    expect(effect?.links.map(({ context }) => context)).toEqual([cause?.spanContext()]);
  });
});
