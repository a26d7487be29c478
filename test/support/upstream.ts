import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { whenFileEnds } from "./cleanup.ts";

export type Upstream = {
  url: string;
  /** Every request so far. */
  requests: { path: string; headers: IncomingMessage["headers"] }[];
  /** Answers a request: text, or a function that writes what it likes. */
  answer: (path: string, request: IncomingMessage) => string | ((response: ServerResponse) => void);
};

/** A web server on loopback that stands in for Hugging Face and arXiv. */
export async function startUpstream(answer: Upstream["answer"]): Promise<Upstream> {
  const upstream: Upstream = { url: "", requests: [], answer };
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    upstream.requests.push({ path, headers: request.headers });
    const content = upstream.answer(path, request);
    if (typeof content === "function") content(response);
    else response.end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  whenFileEnds(() => {
    server.closeAllConnections();
    server.close();
  });
  return upstream;
}
