export { openTelemetryTracer } from './opentelemetry-tracer.js';
