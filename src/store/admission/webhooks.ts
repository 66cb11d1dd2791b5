import {
  ApiError,
  type Clock,
  frozenCopy,
  jsonEqual,
  type Logger,
  noopLogger,
  type Random,
  systemClock,
  systemRandom,
} from '../../core/index.js';
import { jsonPatch } from '../../patch/index.js';
import type { AnyResource } from '../../resources/index.js';
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../resources/kinds/index.js';
import { run, type Steps, wait } from '../steps.js';
import type { StoredObject } from '../stored-object.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission-plugin.js';
import { askWebhook, type CallWebhook, type WebhookPorts } from './webhook/ask-webhook.js';
import { checkConfiguration } from './webhook/check-configuration.js';
import { type Hook, hooksOf, isExempt, type Match, ruleMatch, selects } from './webhook/hook.js';

/** What admission webhooks are made from. */
export interface AdmissionWebhooksOptions {
  /** How webhooks are reached: {@link fetchWebhook}, or a way of your own. */
  readonly call: CallWebhook;
  /** Ends calls that take too long; the machine's clock unless given. */
  readonly clock?: Clock;
  /** Names the calls; the machine's randomness unless given. */
  readonly random?: Random;
  /** Told of warnings that webhooks send, and of failures that their configuration ignores; silent unless given. */
  readonly logger?: Logger;
}

/**
 * Asks the webhooks that the MutatingWebhookConfigurations and ValidatingWebhookConfigurations of the store name, which can come and go
 * at any time; the store must serve these kinds.
 *
 * - Configurations are asked in the order of their names; those that change objects one after another, those that validate at once, all
 *   of them, and the first that refuses decides.
 * - `rules`, `namespaceSelector`, `objectSelector`, `failurePolicy`, `timeoutSeconds`, `sideEffects` and `reinvocationPolicy` mean what
 *   they mean in Kubernetes. A webhook with `reinvocationPolicy: IfNeeded` is asked again where the object changed after it, twice at
 *   most.
 * - Webhooks see an object in the version that it is written in, whatever their `matchPolicy`; one that wants another version alone, or
 *   has `matchConditions`, counts as one that cannot be reached. In a subresource they see the object, not the subresource's own kind.
 * - A webhook that changes objects is asked about deletes too, and can refuse them.
 * - No webhook is asked about the configurations themselves.
 *
 * Two plugins: the first should stand behind all others that mutate, the second behind all others that validate, but before quotas.
 *
 * Source: the MutatingAdmissionWebhook and ValidatingAdmissionWebhook plugins in k8s.io/apiserver.
 */
export function admissionWebhooks(options: AdmissionWebhooksOptions): readonly AdmissionPlugin[] {
  const { call, clock = systemClock, random = systemRandom, logger = noopLogger } = options;
  const ports: WebhookPorts = { call, clock, random, logger };
  return Object.freeze([mutatingWebhooks(ports), validatingWebhooks(ports)]);
}

function mutatingWebhooks(ports: WebhookPorts): AdmissionPlugin {
  const candidates = finder(MutatingWebhookConfiguration);
  return Object.freeze<AdmissionPlugin>({
    name: 'MutatingAdmissionWebhook',
    mutate: (request) => {
      const found = candidates(request);
      if (found.length === 0) return undefined;
      return run(mutated(request.isReinvocation ? found.filter(isReinvoked) : found, request, ports));
    },
    validate: (request) => {
      if (isConfiguration(request, MutatingWebhookConfiguration)) return undefined;
      if (request.operation !== 'DELETE') return undefined;
      return run(allowedOneByOne(candidates(request), request, ports));
    },
  });
}

function validatingWebhooks(ports: WebhookPorts): AdmissionPlugin {
  const candidates = finder(ValidatingWebhookConfiguration);
  return Object.freeze<AdmissionPlugin>({
    name: 'ValidatingAdmissionWebhook',
    validate: (request) => {
      if (isConfiguration(request, ValidatingWebhookConfiguration)) return undefined;
      const asked = candidates(request).filter(({ hook }) => selects(hook, request));
      return asked.length === 0 ? undefined : allowedByAll(asked, request, ports);
    },
  });
}

/** A webhook whose rules ask for a request. */
interface Candidate {
  readonly hook: Hook;
  readonly match: Match;
}

function isReinvoked({ hook }: Candidate): boolean {
  return hook.isReinvoked;
}

/** Whether a request is about a configuration itself, which is checked then. @throws ApiError Invalid. */
function isConfiguration(
  { resource, object, oldObject }: AdmissionRequest,
  configurations: AnyResource,
): boolean {
  if (resource.group !== configurations.group || resource.kind !== configurations.kind) return false;
  // what was stored before it was checked may stay
  const isNew = object !== undefined && !jsonEqual(object['webhooks'], oldObject?.['webhooks']);
  if (isNew) checkConfiguration(resource, object);
  return true;
}

/** What finds the webhooks whose rules ask for a request. */
function finder(
  configurations: typeof MutatingWebhookConfiguration | typeof ValidatingWebhookConfiguration,
): (request: AdmissionRequest) => readonly Candidate[] {
  // by configuration: one that changed is another object
  const known = new WeakMap<object, readonly Hook[]>();
  return (request) => {
    if (isExempt(request)) return [];
    const found: Candidate[] = [];
    for (const configuration of request.store.list(configurations as typeof MutatingWebhookConfiguration)) {
      let hooks = known.get(configuration);
      if (hooks === undefined) {
        hooks = hooksOf(configuration);
        known.set(configuration, hooks);
      }
      for (const hook of hooks) {
        const match = ruleMatch(hook.webhook, request);
        if (match !== undefined) found.push({ hook, match });
      }
    }
    return found;
  };
}

/** The object as the webhooks want it; undefined where nobody changes it. */
function* mutated(
  candidates: readonly Candidate[],
  request: AdmissionRequest & { readonly object: StoredObject; readonly isReinvocation: boolean },
  ports: WebhookPorts,
): Steps<StoredObject | undefined> {
  let { object } = request;
  let lastChange = -1;
  const again: number[] = [];
  const ask = function* (index: number): Steps<void> {
    const { hook, match } = candidates[index] as Candidate;
    const current = { ...request, object };
    if (!selects(hook, current)) return;
    const verdict = yield* wait(askWebhook(hook, match, current, true, ports));
    if (hook.isReinvoked) again.push(index);
    if (verdict?.patch === undefined) return;
    const next = patched(object, verdict.patch, hook);
    if (next !== object) lastChange = index;
    object = next;
  };
  for (let index = 0; index < candidates.length; index += 1) yield* ask(index);
  // the chain asks a second time, where somebody else changes the object later
  const stale = request.isReinvocation ? [] : again.filter((index) => index < lastChange);
  for (const index of stale) yield* ask(index);
  return object === request.object ? undefined : object;
}

/** @throws ApiError InternalError where the patch does not apply. */
function patched(object: StoredObject, patch: unknown, { webhook }: Hook): StoredObject {
  try {
    return frozenCopy(
      jsonPatch(object, patch as Parameters<typeof jsonPatch>[1]),
      '',
      object,
    ) as StoredObject;
  } catch (error) {
    const why = (error as Error).message;
    throw ApiError.internal(
      `the patch of webhook ${JSON.stringify(webhook.name)} does not apply: ${why}`,
      error,
    );
  }
}

function* allowedOneByOne(
  candidates: readonly Candidate[],
  request: AdmissionRequest,
  ports: WebhookPorts,
): Steps<void> {
  for (const { hook, match } of candidates) {
    if (!selects(hook, request)) continue;
    const verdict = yield* wait(askWebhook(hook, match, request, true, ports));
    if (verdict?.patch === undefined) continue;
    throw ApiError.internal(
      `admission webhook ${JSON.stringify(hook.webhook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  }
}

async function allowedByAll(
  candidates: readonly Candidate[],
  request: AdmissionRequest,
  ports: WebhookPorts,
): Promise<void> {
  const outcomes = await Promise.allSettled(
    candidates.map(({ hook, match }) => askWebhook(hook, match, request, false, ports)),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
