import PQueue from 'p-queue';
import { noopLogger, noopMetrics } from '../../core/index.js';
import { EventSink } from '../events/event-sink.js';
import { HotLoops } from '../guard-rails/hot-loops.js';
import { WarnOnce } from '../guard-rails/warn-once.js';
import type { SharedParts } from '../runner/runner-parts.js';
import { Trace } from '../trace/index.js';
import { guardedLogger } from './guarded-logger.js';
import { guardedMetrics } from './guarded-metrics.js';
import { guardedTracer } from './guarded-tracer.js';
import type { ManagerOptions } from './manager-options.js';

/**
 * What the controllers of a manager share. Those who only look on, such as a tracer, do not disturb it: what they throw is logged.
 *
 * @param fail - Told of what must end the manager: a logger that fails can tell nobody.
 */
export function sharedParts(
  options: ManagerOptions,
  fail: (what: string, error: unknown) => void,
): SharedParts {
  const { client, concurrency, tracer } = options;
  const { clock } = client;
  const warnings = new WarnOnce(clock);
  const logger = guardedLogger(options.logger ?? noopLogger, (error) => fail('the logger', error));
  const report = (what: string) => (error: unknown) => {
    const more = warnings.pass('failure', what, '');
    if (more !== undefined) logger.error({ error }, `${what} failed${more}`);
  };
  const metrics = guardedMetrics(options.metrics ?? noopMetrics, report('the metrics provider'));
  return {
    client,
    events: new EventSink({ client, logger, metrics }),
    pool: concurrency === undefined ? undefined : new PQueue({ concurrency }),
    logger,
    metrics,
    trace: new Trace(),
    hotLoops: new HotLoops({ clock }),
    warnings,
    tracer: tracer === undefined ? undefined : guardedTracer(tracer, report('the tracer')),
    onError: (error) => fail('a controller', error),
  };
}
