import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_SIZE } from '../../../../src/core/index.js';
import type { AdmissionReview } from '../../../../src/store/admission/webhook/admission-review.js';
import { fetchWebhook } from '../../../../src/store/admission/webhook/fetch-webhook.js';

const review = { kind: 'AdmissionReview', request: { uid: 'u', name: 'ä' } } as unknown as AdmissionReview;
const signal = new AbortController().signal;
const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** The URL of a server on this machine. */
async function serve(
  handle: (request: IncomingMessage, body: string, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(request, Buffer.concat(chunks).toString('utf8'), response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`;
}

describe('fetchWebhook', () => {
  it('posts the review as JSON, and answers with JSON', async () => {
    const seen: unknown[] = [];
    const url = await serve(({ method, url: path, headers }, body, response) => {
      seen.push(method, path, headers['content-type'], JSON.parse(body));
      response.end('{"answer":"ü"}');
    });
    expect(await fetchWebhook({ url }, review, { signal })).toEqual({ answer: 'ü' });
    expect(seen).toEqual(['POST', '/hook?x=1', 'application/json', review]);
  });

  it('takes no other status, no redirect, no other text, and no more than 3 MiB', async () => {
    const bad = await serve((_request, _body, response) => response.writeHead(500).end('{}'));
    await expect(fetchWebhook({ url: bad }, review, { signal })).rejects.toThrow('got 500');
    const moved = await serve((_request, _body, response) =>
      response.writeHead(307, { location: bad }).end(),
    );
    await expect(fetchWebhook({ url: moved }, review, { signal })).rejects.toThrow();
    const odd = await serve((_request, _body, response) => response.end('<html>'));
    await expect(fetchWebhook({ url: odd }, review, { signal })).rejects.toThrow(SyntaxError);
    const long = await serve((_request, _body, response) => response.end(' '.repeat(MAX_SIZE + 1)));
    await expect(fetchWebhook({ url: long }, review, { signal })).rejects.toThrow(RangeError);
  });

  it('can be aborted', async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort(new Error('enough')));
    await expect(fetchWebhook({ url }, review, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('says what it cannot do', async () => {
    const service = { name: 's', namespace: 'n' };
    await expect(fetchWebhook({ service }, review, { signal })).rejects.toThrow(
      'clientConfig.url: expected a URL',
    );
    await expect(fetchWebhook({ url: 'http://x', caBundle: 'aaaa' }, review, { signal })).rejects.toThrow(
      'clientConfig.caBundle: expected none',
    );
  });
});
