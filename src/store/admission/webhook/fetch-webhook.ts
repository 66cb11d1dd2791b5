import { MAX_SIZE } from '../../../core/index.js';
import type { CallWebhook } from './ask-webhook.js';

/**
 * Calls webhooks that have a `url`, with the platform's `fetch`: sends the review as JSON, and reads JSON of at most 3 MiB.
 *
 * Follows no redirect. A webhook behind a `service`, or with a `caBundle` of its own, is an error: bring a `call` that knows the way.
 */
export const fetchWebhook: CallWebhook = async (clientConfig, review, { signal }) => {
  const { url, caBundle } = clientConfig;
  if (url === undefined)
    throw new TypeError('clientConfig.url: expected a URL, for services cannot be reached');
  if (caBundle !== undefined) {
    throw new TypeError(
      'clientConfig.caBundle: expected none, for fetch trusts the authorities of the platform',
    );
  }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(review),
    redirect: 'error',
    signal,
  });
  const text = await read(response);
  if (!response.ok) throw new Error(`expected an answer of the kind 2xx, got ${response.status}`);
  return JSON.parse(text);
};

async function read({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let size = 0;
  let text = '';
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_SIZE) throw new RangeError(`expected an answer of at most ${MAX_SIZE} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
