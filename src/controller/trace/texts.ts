import { formatKey, type ObjectKey, preview } from '../../core/index.js';
import type { Reason } from '../reason.js';
import { formatDuration } from './format-duration.js';
import type { RunRecord } from './run-record.js';
import type { WriteRecord } from './write-record.js';

/** A run for people, such as `website default/a #17`. */
export function runTitle({ controller, key, store, id }: RunRecord): string {
  return `${controller} ${formatKey(key)}${inStore(store)} #${id.slice(id.lastIndexOf('#') + 1)}`;
}

/** A run for people with what came of it, such as `website default/a #17 (error in 3 ms: "no such image")`. */
export function runTitleWithOutcome(run: RunRecord): string {
  const { outcome, startedAt, endedAt, error } = run;
  if (outcome === undefined || endedAt === undefined) return `${runTitle(run)} (running)`;
  const what = error === undefined ? '' : `: ${errorText(error)}`;
  // a clock that was set back in between makes no sense of a duration
  const took = endedAt < startedAt ? '' : ` in ${formatDuration(endedAt - startedAt)}`;
  return `${runTitle(run)} (${outcome}${took}${what})`;
}

/** A reason for people: what comes after `because`. */
export function reasonText(reason: Reason): string {
  switch (reason.type) {
    case 'add':
      return `${objectText(reason)} was added${whereText(reason)}`;
    case 'update':
      return `${objectText(reason)} was updated${whereText(reason)}`;
    case 'delete':
      return `${objectText(reason)} was deleted${whereText(reason)}`;
    case 'resync':
      return `${objectText(reason)} was told of again${whereText(reason)}`;
    case 'source':
      return `the source ${preview(reason.source)} asked for it`;
    case 'requeueAfter':
      return 'an earlier reconcile wished to look again';
    case 'retry':
      return 'the reconcile before failed';
    case 'interrupted':
      return 'the reconcile before was cut short';
    case 'store':
      return `the store ${preview(reason.store)} was added`;
    case 'takeover':
      return 'this process took it over';
  }
}

/** The verb of a write, with the subresource, such as `patch status`. */
export function writeVerb({ verb, subresource }: WriteRecord): string {
  return subresource === undefined ? verb : `${verb} ${subresource}`;
}

/** A write of a run for people. */
export function writeText(write: WriteRecord): string {
  const verb = writeVerb(write);
  switch (write.outcome) {
    case 'written':
      return `it wrote ${objectText(write)}: ${verb}${whereText(write)}`;
    case 'unchanged':
      return `it left ${objectText(write)} as it was: ${verb}`;
    case 'failed':
      return `it failed to write ${objectText(write)}: ${verb}: ${errorText(write.error)}`;
  }
}

function objectText({
  kind = 'an object',
  key,
}: {
  readonly kind?: string | undefined;
  readonly key?: ObjectKey | undefined;
}): string {
  return key === undefined ? kind : `${kind} ${formatKey(key)}`;
}

/** Where and when something happened. */
function whereText({
  store,
  revision,
}: {
  readonly store?: string | undefined;
  readonly revision?: string | undefined;
}): string {
  return `${inStore(store)}${revision === undefined ? '' : ` (revision ${revision})`}`;
}

function inStore(store: string | undefined): string {
  return store === undefined ? '' : ` in ${store}`;
}

function errorText(error: unknown): string {
  return preview(error instanceof Error ? error.message : error);
}
