import {
  ApiError,
  type Clock,
  type JsonObject,
  type Logger,
  preview,
  type Random,
  type Timer,
} from '../../../core/index.js';
import type { WebhookClientConfig } from '../../../resources/kinds/index.js';
import type { AdmissionRequest } from '../admission-plugin.js';
import { type AdmissionReview, reviewOf, type Verdict, verdictOf } from './admission-review.js';
import type { Hook, Match } from './hook.js';

/** How long a webhook may take where its configuration does not say, in seconds. */
const DEFAULT_TIMEOUT = 10;

/**
 * The port to the webhooks: hands the review to whatever `clientConfig` names and answers with what it answered, as JSON.
 *
 * The signal aborts once the webhook has had its time; the answer is not waited for any longer then.
 */
export type CallWebhook = (
  clientConfig: WebhookClientConfig,
  review: AdmissionReview,
  options: { readonly signal: AbortSignal },
) => Promise<unknown>;

/** What it takes to ask webhooks. */
export interface WebhookPorts {
  readonly call: CallWebhook;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Asks a webhook; undefined where it could not be asked and its `failurePolicy` lets that pass.
 *
 * @throws ApiError as the webhook refuses; BadRequest where it cannot take a dry run; InternalError where it could not be asked.
 */
export async function askWebhook(
  { webhook, ignoresFailure }: Hook,
  match: Match,
  request: AdmissionRequest,
  mayPatch: boolean,
  ports: WebhookPorts,
): Promise<Verdict | undefined> {
  const name = JSON.stringify(webhook.name);
  if (request.dryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') {
    throw ApiError.badRequest(`admission webhook ${name} does not support dry run`);
  }
  let verdict: Verdict;
  try {
    checkAskable(webhook, match, request);
    const uid = ports.random.uuid();
    const answer = await timed(webhook.timeoutSeconds ?? DEFAULT_TIMEOUT, ports.clock, (signal) =>
      ports.call(webhook.clientConfig, reviewOf(uid, request), { signal }),
    );
    verdict = verdictOf(answer, uid, mayPatch);
  } catch (error) {
    const why = error instanceof Error ? error.message : preview(error);
    if (!ignoresFailure) throw ApiError.internal(`failed calling webhook ${name}: ${why}`, error);
    ports.logger.warn({ webhook: webhook.name, error }, 'a webhook could not be asked, and is ignored');
    return undefined;
  }
  for (const warning of verdict.warnings)
    ports.logger.warn({ webhook: webhook.name, warning }, 'a webhook warns');
  if (!verdict.allowed) throw denial(name, verdict.status);
  return verdict;
}

/** @throws TypeError naming what this library cannot do for a webhook. */
function checkAskable(
  { admissionReviewVersions, matchConditions = [] }: Hook['webhook'],
  match: Match,
  request: AdmissionRequest,
): void {
  if (!admissionReviewVersions.includes('v1')) {
    throw new TypeError(
      `admissionReviewVersions: expected "v1" among them, got ${admissionReviewVersions.map((each) => preview(each)).join(', ')}`,
    );
  }
  if (matchConditions.length > 0) {
    throw new TypeError('matchConditions: expected none, for their expressions cannot be evaluated here');
  }
  if (match === 'equivalent') {
    const { kind, apiVersion } = request.resource;
    throw new TypeError(
      `rules: expected the version that is written, ${apiVersion}, among those of ${kind}: objects are not converted for webhooks`,
    );
  }
}

/** Runs a call that has so many seconds. */
async function timed<T>(
  seconds: number,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: Timer | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = clock.setTimer(seconds * 1_000, () => {
        const error = new Error(`expected an answer within ${seconds} s, got none`);
        reject(error);
        controller.abort(error);
      });
      work(controller.signal).then(resolve, reject);
    });
  } finally {
    timer?.cancel();
  }
}

/** The error that a refusal stands for. Source: `ToStatusErr` in k8s.io/apiserver. */
function denial(name: string, { message, reason, code, details }: JsonObject): ApiError {
  const why = [message, reason].find((each) => typeof each === 'string' && each !== '');
  const denied = `admission webhook ${name} denied the request`;
  return ApiError.fromStatus({
    message: why === undefined ? `${denied} without explanation` : `${denied}: ${why as string}`,
    reason: typeof reason === 'string' ? reason : undefined,
    code: typeof code === 'number' && code >= 400 ? code : 400,
    details: typeof details === 'object' && details !== null ? details : undefined,
  });
}
