/** Helpers over `@polkadot/api`: connecting, submitting, and what became of a submission. */

import "@polkadot/api-augment";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { SignerOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { DispatchError, EventRecord } from "@polkadot/types/interfaces";
import type { ISubmittableResult } from "@polkadot/types/types";
import type { ChainNode } from "./node.js";
import { waitFor, within } from "./wait.js";

export type Extrinsic = SubmittableExtrinsic<"promise", ISubmittableResult>;

const CONNECT_SECONDS = 30;
const INCLUSION_SECONDS = 60;
const FINALITY_SECONDS = 90;
const REORG_DEPTH = 5;

/** Connects with nothing but what the node's metadata says: no custom types. */
export async function connect(node: ChainNode): Promise<ApiPromise> {
  const api = new ApiPromise({ provider: new WsProvider(node.wsUrl, 500), noInitWarn: true });
  await within(`a connection to ${node.name}`, CONNECT_SECONDS, api.isReadyOrError);
  return api;
}

/** Where an extrinsic was included and what it caused. */
export interface Included {
  blockHash: string;
  blockNumber: number;
  events: EventRecord[];
}

/** An extrinsic that was included and failed. */
export class DispatchFailure extends Error {
  constructor(readonly dispatchError: string) {
    super(`The call failed with ${dispatchError}.`);
  }
}

export interface SendOptions {
  until?: "included" | "finalized";
  /** What goes into the signature beyond the defaults. */
  signing?: Partial<SignerOptions>;
}

/** Signs and submits a call; returns once it is included and has succeeded. */
export async function send(
  api: ApiPromise,
  signer: KeyringPair,
  call: Extrinsic,
  { until = "included", signing = {} }: SendOptions = {},
): Promise<Included> {
  const { section, method } = call.method;
  const seconds = until === "finalized" ? FINALITY_SECONDS : INCLUSION_SECONDS;
  const result = await within(
    `${section}.${method} to be ${until}`,
    seconds,
    submitted(call, signer, until, signing),
  );
  if (result.dispatchError) throw new DispatchFailure(nameOf(api, result.dispatchError));
  const blockHash = result.status.isFinalized
    ? result.status.asFinalized.toHex()
    : result.status.asInBlock.toHex();
  const header = await api.rpc.chain.getHeader(blockHash);
  return { blockHash, blockNumber: header.number.toNumber(), events: result.events };
}

/** Submits a call that must be included and fail, and returns the name of its dispatch error. */
export async function failureOf(
  api: ApiPromise,
  signer: KeyringPair,
  call: Extrinsic,
  signing: Partial<SignerOptions> = {},
): Promise<string> {
  try {
    await send(api, signer, call, { signing });
  } catch (error) {
    if (error instanceof DispatchFailure) return error.dispatchError;
    throw error;
  }
  const { section, method } = call.method;
  throw new Error(`${section}.${method} succeeded, although it had to fail.`);
}

/** The name of a dispatch error, such as `Staking.AlreadyBonded` or `BadOrigin`. */
export function nameOf(api: ApiPromise, error: DispatchError): string {
  if (error.isModule) {
    const { section, name } = api.registry.findMetaError(error.asModule);
    return `${section[0]?.toUpperCase()}${section.slice(1)}.${name}`;
  }
  if (error.isToken) return `Token.${error.asToken.type}`;
  if (error.isArithmetic) return `Arithmetic.${error.asArithmetic.type}`;
  return error.type;
}

/** The only event of a kind, such as `("proxy", "ProxyExecuted")`, among those of an extrinsic. */
export function eventOf(events: EventRecord[], section: string, method: string): EventRecord["event"] {
  const found = events.filter(({ event }) => event.section === section && event.method === method);
  const [only] = found;
  if (!only || found.length > 1) {
    const all = events.map(({ event }) => `${event.section}.${event.method}`).join(", ");
    throw new Error(`Expected one ${section}.${method} and found ${found.length} in: ${all}`);
  }
  return only.event;
}

/** What an account can spend or hold, without what is on hold already. */
export async function freeBalance(api: ApiPromise, address: string): Promise<bigint> {
  return (await api.query.system.account(address)).data.free.toBigInt();
}

/** Gives an account that a test has made something to act with. */
export async function fund(
  api: ApiPromise,
  from: KeyringPair,
  to: readonly KeyringPair[],
  amount: bigint,
): Promise<void> {
  const transfers = to.map(({ address }) => api.tx.balances.transferKeepAlive(address, amount));
  await send(api, from, api.tx.utility.batchAll(transfers));
}

/** Waits until an event of a kind is in a block from `fromBlock` on, and returns it with its block. */
export async function awaitEvent(
  api: ApiPromise,
  section: string,
  method: string,
  fromBlock: number,
  seconds: number,
  matches: (event: EventRecord["event"]) => boolean = () => true,
): Promise<{ event: EventRecord["event"]; blockNumber: number; blockHash: string }> {
  let next = fromBlock;
  return waitFor(`the event ${section}.${method}`, seconds, async () => {
    const best = await bestBlock(api);
    for (let blockNumber = next; blockNumber <= best; blockNumber += 1) {
      const blockHash = (await api.rpc.chain.getBlockHash(blockNumber)).toHex();
      for (const { event } of await eventsAt(api, blockHash)) {
        if (event.section === section && event.method === method && matches(event)) {
          return { event, blockNumber, blockHash };
        }
      }
    }
    // The newest blocks may still be replaced by others: they are read again.
    next = Math.max(fromBlock, best - REORG_DEPTH);
    return undefined;
  });
}

/** All events of a block. */
export async function eventsAt(api: ApiPromise, blockHash: string): Promise<EventRecord[]> {
  return [...(await (await api.at(blockHash)).query.system.events())];
}

/** The height of the best block. */
export async function bestBlock(api: ApiPromise): Promise<number> {
  return (await api.rpc.chain.getHeader()).number.toNumber();
}

function submitted(
  call: Extrinsic,
  signer: KeyringPair,
  until: "included" | "finalized",
  signing: Partial<SignerOptions>,
): Promise<ISubmittableResult> {
  return new Promise((resolve, reject) => {
    let unsubscribe: (() => void) | undefined;
    let settled = false;
    const settle = (action: () => void): void => {
      settled = true;
      unsubscribe?.();
      action();
    };
    call
      .signAndSend(signer, signing, (result) => {
        const { status } = result;
        if (status.isFinalized || (status.isInBlock && until === "included")) {
          settle(() => resolve(result));
        } else if (result.isError) {
          settle(() => reject(new Error(`The pool dropped the call: ${status.type}.`)));
        }
      })
      .then((stop) => {
        unsubscribe = stop;
        if (settled) stop();
      }, reject);
  });
}
