import { type Attributes, type Link, SpanKind, type Tracer } from '@opentelemetry/api';
import type { ReconcileTracer, TracedRun } from '../../controller/index.js';
import { OpenTelemetrySpan } from './opentelemetry-span.js';
import { SpanContexts } from './span-contexts.js';

/**
 * Traces the reconciles of one manager with OpenTelemetry: one span for each, which is the root of a trace.
 *
 * A span links to those of the reconciles whose writes caused it, as far as they are among the last 10,000. It has an event for each write,
 * and is active while the code of the reconciler runs, so that what that does becomes part of the trace: this takes the context manager of
 * an SDK, which slows every `await` of the process.
 *
 * @param tracer - As in `trace.getTracer('shop')`.
 *
 * @example
 * ```ts
 * const manager = new Manager({ client, controllers, tracer: openTelemetryTracer(trace.getTracer('shop')) });
 * ```
 */
export function openTelemetryTracer(tracer: Tracer): ReconcileTracer {
  const contexts = new SpanContexts();
  return {
    began: (run) => {
      const links = [...new Set(run.causes)].flatMap((cause) => linkTo(cause, contexts));
      const span = tracer.startSpan(`reconcile ${run.controller}`, {
        kind: SpanKind.INTERNAL,
        root: true,
        attributes: attributesOf(run),
        links,
      });
      contexts.add(run.id, span.spanContext());
      return new OpenTelemetrySpan(span);
    },
  };
}

function linkTo(cause: string, contexts: SpanContexts): Link[] {
  const context = contexts.get(cause);
  return context === undefined ? [] : [{ context, attributes: { 'keelson.reconcile.id': cause } }];
}

function attributesOf({ id, controller, key, store, attempt, reasons }: TracedRun): Attributes {
  return {
    'keelson.controller.name': controller,
    'keelson.reconcile.id': id,
    'keelson.reconcile.key': key,
    'keelson.reconcile.attempt': attempt,
    'keelson.reconcile.reasons': [...reasons],
    ...(store === undefined ? {} : { 'keelson.store.name': store }),
  };
}
