export type { HealthCheck } from './health-check.js';
export { HealthChecks, type RunHealthOptions } from './health-checks.js';
export { healthHandler, type HealthHandlerOptions, type HealthPage } from './health-handler.js';
export type { HealthReport, HealthResult } from './health-report.js';
export type { HttpListener, HttpRequest, HttpResponse } from './http-listener.js';
