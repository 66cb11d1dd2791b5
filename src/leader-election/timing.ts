import { preview } from '../core/index.js';

/** How long a lease lasts, and how often it is renewed; all in milliseconds. */
export interface ElectionTiming {
  /** For how long after the last renewal nobody else may lead: whole seconds; 15,000 unless given. */
  readonly leaseDuration?: number | undefined;
  /** How long after the last renewal a leader stops to be one: less than `leaseDuration`; 10,000 unless given. */
  readonly renewDeadline?: number | undefined;
  /** How often a leader renews: less than `renewDeadline / 1.2`; 2,000 unless given. */
  readonly retryPeriod?: number | undefined;
}

/** The same, complete, and with what follows from it. */
export interface Timing {
  readonly leaseDuration: number;
  readonly renewDeadline: number;
  readonly retryPeriod: number;
  /** How long one request may take. */
  readonly requestTimeout: number;
  /** By how much, at most and at random, candidates let a lease be over before they try to take it: not all of them at once. */
  readonly spread: number;
}

/** By how much, at most, a pause between two tries is longer than `retryPeriod`, as a share of it. */
export const JITTER = 1.2;

/** @throws RangeError naming the option, what was expected and what came. */
export function checkTiming(owner: string, options: ElectionTiming): Timing {
  const { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000 } = options;
  const expect = (holds: boolean, option: string, wanted: string, value: unknown): void => {
    if (!holds) throw new RangeError(`${owner}: ${option}: expected ${wanted}, got ${preview(value)}`);
  };
  expect(
    Number.isFinite(retryPeriod) && retryPeriod > 0,
    'retryPeriod',
    'milliseconds, more than 0',
    retryPeriod,
  );
  expect(
    Number.isFinite(renewDeadline) && renewDeadline > JITTER * retryPeriod,
    'renewDeadline',
    `milliseconds, more than ${JITTER} times the retryPeriod of ${retryPeriod}`,
    renewDeadline,
  );
  expect(
    Number.isSafeInteger(leaseDuration) && leaseDuration % 1_000 === 0 && leaseDuration > renewDeadline,
    'leaseDuration',
    `milliseconds that are whole seconds, more than the renewDeadline of ${renewDeadline}`,
    leaseDuration,
  );
  return {
    leaseDuration,
    renewDeadline,
    retryPeriod,
    requestTimeout: Math.max(1_000, renewDeadline / 2),
    spread: retryPeriod / 5,
  };
}
