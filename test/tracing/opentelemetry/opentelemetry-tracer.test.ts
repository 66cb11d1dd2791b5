import { setImmediate } from 'node:timers/promises';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import type { TracedRun } from '../../../src/controller/tracing.js';
import { ApiError } from '../../../src/core/index.js';
import { openTelemetryTracer } from '../../../src/tracing/opentelemetry/index.js';
import { AsyncContexts, RecordingTracer } from './recording-tracer.js';

function run(id: string, more: Partial<TracedRun> = {}): TracedRun {
  return { id, controller: 'sites', key: 'default/a', attempt: 1, reasons: [], causes: [], ...more };
}

afterEach(() => context.disable());

describe('openTelemetryTracer', () => {
  it('makes one root span for each reconcile', () => {
    const recording = new RecordingTracer();
    const span = openTelemetryTracer(recording).began(
      run('r1', { attempt: 3, store: 'east', reasons: ['Website default/a was added'] }),
    );
    span.ended('requeue_after');
    const [recorded] = recording.spans;
    expect(recorded?.name).toBe('reconcile sites');
    expect(recorded?.options).toMatchObject({ kind: SpanKind.INTERNAL, root: true, links: [] });
    expect(recorded?.attributes).toEqual({
      'keelson.controller.name': 'sites',
      'keelson.reconcile.id': 'r1',
      'keelson.reconcile.key': 'default/a',
      'keelson.reconcile.attempt': 3,
      'keelson.reconcile.reasons': ['Website default/a was added'],
      'keelson.reconcile.outcome': 'requeue_after',
      'keelson.store.name': 'east',
    });
    expect(recorded?.status).toBeUndefined();
    expect(recorded?.exceptions).toEqual([]);
    expect(recorded?.ended).toBe(1);
  });

  it('links to the spans of the runs that caused it, each once, as far as they are known', () => {
    const recording = new RecordingTracer();
    const tracer = openTelemetryTracer(recording);
    tracer.began(run('r1')).ended('success');
    // a run that has not ended has written already
    tracer.began(run('r2'));
    tracer.began(run('r3', { causes: ['r2', 'r1', 'r2', 'unknown', '__proto__'] }));
    const [first, second, third] = recording.spans;
    expect(third?.links).toEqual([
      { context: second?.spanContext(), attributes: { 'keelson.reconcile.id': 'r2' } },
      { context: first?.spanContext(), attributes: { 'keelson.reconcile.id': 'r1' } },
    ]);
  });

  it('forgets the oldest of more than 10,000 runs', () => {
    const recording = new RecordingTracer();
    const tracer = openTelemetryTracer(recording);
    for (let id = 0; id <= 10_000; id += 1) tracer.began(run(`r${id}`)).ended('success');
    tracer.began(run('last', { causes: ['r0', 'r1', 'r10000'] }));
    expect(recording.spans.at(-1)?.links.map(({ attributes }) => attributes)).toEqual([
      { 'keelson.reconcile.id': 'r1' },
      { 'keelson.reconcile.id': 'r10000' },
    ]);
  });

  it('links to nothing where the tracer does nothing', () => {
    const recording = new RecordingTracer(false);
    const tracer = openTelemetryTracer(recording);
    tracer.began(run('r1'));
    tracer.began(run('r2', { causes: ['r1'] }));
    expect(recording.spans[1]?.links).toEqual([]);
    const silent = openTelemetryTracer(trace.getTracer('none')).began(run('r1'));
    silent.wrote({ verb: 'create', kind: 'Pod', key: 'default/a' });
    silent.ended('success');
  });

  it('has an event for each write', () => {
    const recording = new RecordingTracer();
    const span = openTelemetryTracer(recording).began(run('r1'));
    const write = { kind: 'Pod', key: 'default/p' };
    span.wrote({ ...write, verb: 'create', revision: '17' });
    span.wrote({
      ...write,
      verb: 'update',
      failed: new ApiError({ reason: 'Conflict', message: 'changed' }),
    });
    span.wrote({ ...write, verb: 'delete', failed: 'a text' });
    const attributes = { 'keelson.write.kind': 'Pod', 'keelson.write.key': 'default/p' };
    expect(recording.spans[0]?.events).toEqual([
      ['keelson.write', { ...attributes, 'keelson.write.verb': 'create', 'keelson.write.revision': '17' }],
      [
        'keelson.write',
        {
          ...attributes,
          'keelson.write.verb': 'update',
          'error.type': 'Conflict',
          'error.message': 'changed',
        },
      ],
      [
        'keelson.write',
        {
          ...attributes,
          'keelson.write.verb': 'delete',
          'error.type': '_OTHER',
          'error.message': '"a text"',
        },
      ],
    ]);
  });

  it.each([
    ['error', new RangeError('too far'), 'RangeError', 'too far'],
    ['terminal', ApiError.badRequest('no'), 'BadRequest', 'no'],
    ['timeout', new Error('late'), 'timeout', 'late'],
    ['error', undefined, '_OTHER', 'undefined'],
  ] as const)('marks a reconcile that ended as %s with %s', (outcome, error, type, message) => {
    const recording = new RecordingTracer();
    openTelemetryTracer(recording).began(run('r1')).ended(outcome, error);
    const [recorded] = recording.spans;
    expect(recorded?.status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(recorded?.exceptions).toEqual([error ?? 'undefined']);
    expect(recorded?.attributes).toMatchObject({
      'keelson.reconcile.outcome': outcome,
      'error.type': type,
    });
    expect(recorded?.ended).toBe(1);
  });

  it('does not blame a reconcile that was cut short', () => {
    const recording = new RecordingTracer();
    openTelemetryTracer(recording).began(run('r1')).ended('interrupted', new Error('stopped'));
    expect(recording.spans[0]?.status).toBeUndefined();
    expect(recording.spans[0]?.exceptions).toEqual([]);
  });

  it('is active while the code of the reconciler runs, also after an await', async () => {
    context.setGlobalContextManager(new AsyncContexts());
    const recording = new RecordingTracer();
    const tracer = openTelemetryTracer(recording);
    const code = async (): Promise<unknown[]> => {
      const before = trace.getActiveSpan();
      await setImmediate();
      return [before, trace.getActiveSpan()];
    };
    const seen = await Promise.all(
      ['r1', 'r2'].map(async (id) => {
        const span = tracer.began(run(id));
        return span.run?.(code);
      }),
    );
    const [first, second] = recording.spans;
    expect(seen[0]?.every((span) => span === first)).toBe(true);
    expect(seen[1]?.every((span) => span === second)).toBe(true);
    expect(trace.getActiveSpan()).toBeUndefined();
    const thrown = new Error('no');
    expect(() =>
      tracer.began(run('r3')).run?.(() => {
        throw thrown;
      }),
    ).toThrow(thrown);
  });
});
