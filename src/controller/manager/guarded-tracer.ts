import type { ReconcileSpan, ReconcileTracer } from '../tracing.js';

/** A tracer that never throws: its failures go to `report`, and who is traced goes on. */
export function guardedTracer(tracer: ReconcileTracer, report: (error: unknown) => void): ReconcileTracer {
  const guard = (trace: () => void): void => {
    try {
      trace();
    } catch (error) {
      report(error);
    }
  };
  return {
    began(run) {
      let span: ReconcileSpan | undefined;
      guard(() => {
        span = tracer.began(run);
      });
      return {
        wrote: (write) => guard(() => span?.wrote(write)),
        ended: (outcome, error) => guard(() => span?.ended(outcome, error)),
        run<T>(fn: () => T): T {
          // it is called once, whatever the tracer does, and its own answer counts
          let called: { readonly answer: T } | undefined;
          const call = (): T => (called ??= { answer: fn() }).answer;
          guard(() => span?.run?.(call));
          return call();
        },
      };
    },
  };
}
