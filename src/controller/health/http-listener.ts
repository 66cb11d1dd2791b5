/** What a listener needs of a request: that of `node:http` has it. */
export interface HttpRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** What a listener needs of a response: that of `node:http` has it. */
export interface HttpResponse {
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown;
  end(body?: string): unknown;
  destroy(): unknown;
}

/** What `createServer` of `node:http` takes. */
export type HttpListener = (request: HttpRequest, response: HttpResponse) => void;
