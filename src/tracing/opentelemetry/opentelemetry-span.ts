import { type Attributes, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReconcileOutcome, ReconcileSpan, TracedWrite } from '../../controller/index.js';
import { ApiError, preview } from '../../core/index.js';

/** The span of a reconcile. Its status is an error where the reconcile failed, and unset elsewhere. */
export class OpenTelemetrySpan implements ReconcileSpan {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  wrote({ verb, kind, key, revision, failed }: TracedWrite): void {
    const attributes: Attributes = {
      'keelson.write.verb': verb,
      'keelson.write.kind': kind,
      'keelson.write.key': key,
    };
    if (revision !== undefined) attributes['keelson.write.revision'] = revision;
    if (failed !== undefined) {
      attributes['error.type'] = typeOf(failed);
      attributes['error.message'] = messageOf(failed);
    }
    this.#span.addEvent('keelson.write', attributes);
  }

  ended(outcome: ReconcileOutcome, error?: unknown): void {
    this.#span.setAttribute('keelson.reconcile.outcome', outcome);
    if (outcome === 'error' || outcome === 'terminal' || outcome === 'timeout') {
      this.#span.setAttribute('error.type', outcome === 'timeout' ? 'timeout' : typeOf(error));
      this.#span.recordException(error instanceof Error ? error : messageOf(error));
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    }
    this.#span.end();
  }

  run<T>(fn: () => T): T {
    return context.with(trace.setSpan(context.active(), this.#span), fn);
  }
}

/** What sorts errors into few kinds: the reason of an ApiError, or a name. */
function typeOf(error: unknown): string {
  if (error instanceof ApiError) return error.reason;
  return error instanceof Error ? error.name : '_OTHER';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : preview(error);
}
