/**
 * How a reconcile ended.
 *
 * - `success`: it returned nothing
 * - `requeue_after`: it returned when to look again
 * - `error`: it failed, and is tried again
 * - `terminal`: it failed, and trying again cannot help
 * - `timeout`: its time was up; it failed, and is tried again
 * - `interrupted`: it was cut short by the stop of its manager or the loss of its leadership, which is no failure
 */
export type ReconcileOutcome = 'success' | 'requeue_after' | 'error' | 'terminal' | 'timeout' | 'interrupted';
