import { preview } from '../../core/index.js';

/**
 * What a rejection means for later.
 *
 * - `Unschedulable`: not now; it may help to remove workloads that are placed.
 * - `UnschedulableAndUnresolvable`: not now, and it would not help to remove workloads.
 * - `Pending`: not now, as something is still to come; the workload waits for that without a penalty.
 */
export type RejectionCode = 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Pending';

/**
 * Why a plugin says no, to one host or to all.
 *
 * A plugin that says no with the same words over and over should answer with the same object: decisions then cost less.
 *
 * Source: `Status` of kube-scheduler's framework, less the codes that are no rejection.
 */
export interface Rejection {
  readonly code: RejectionCode;
  /** Short texts for people, without a full stop: the message of a decision counts hosts by them. */
  readonly reasons: readonly string[];
}

/** A no that removing workloads might turn into a yes. */
export function unschedulable(...reasons: readonly string[]): Rejection {
  return Object.freeze({ code: 'Unschedulable', reasons: Object.freeze([...reasons]) });
}

/** A no that removing workloads does not change. */
export function unresolvable(...reasons: readonly string[]): Rejection {
  return Object.freeze({ code: 'UnschedulableAndUnresolvable', reasons: Object.freeze([...reasons]) });
}

/** A no until something happens that is sure to come. */
export function pending(...reasons: readonly string[]): Rejection {
  return Object.freeze({ code: 'Pending', reasons: Object.freeze([...reasons]) });
}

const CODES: readonly string[] = ['Unschedulable', 'UnschedulableAndUnresolvable', 'Pending'];

function areTexts(reasons: unknown): boolean {
  return Array.isArray(reasons) && reasons.every((reason) => typeof reason === 'string');
}

/** Whether a plugin's answer is a rejection. @throws TypeError where it is neither that nor undefined. */
export function isRejection(answer: unknown, asked: string): answer is Rejection {
  if (answer === undefined) return false;
  if (typeof answer === 'object' && answer !== null) {
    const { code, reasons } = answer as Partial<Rejection>;
    if (typeof code === 'string' && CODES.includes(code) && areTexts(reasons)) return true;
  }
  throw new TypeError(
    `${asked}: expected undefined or a rejection { code, reasons }, got ${preview(answer)}`,
  );
}
