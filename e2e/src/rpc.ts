/** Plain JSON-RPC over HTTP: what a client library would hide is what some tests are about. */

const TIMEOUT_MILLIS = 30_000;

/** An error object that a node answered with. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    readonly data: unknown,
  ) {
    super(`RPC error ${code}: ${reason}${data === undefined ? "" : ` (${JSON.stringify(data)})`}`);
  }
}

interface Response {
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** Calls one method and returns its result, or throws an `RpcError`. */
export async function rpc<T = unknown>(url: string, method: string, ...params: unknown[]): Promise<T> {
  const response = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} was answered with HTTP ${response.status}: ${text}`);
  const answer = JSON.parse(text) as Response;
  if (answer.error) throw new RpcError(answer.error.code, answer.error.message, answer.error.data);
  return answer.result as T;
}

/** Posts any JSON value to a node and returns the raw HTTP response. */
export function post(url: string, body: unknown): Promise<globalThis.Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  });
}
