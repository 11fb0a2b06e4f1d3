/**
 * The code of docs/dapp-quickstart.md: reads, subscribes and transfers with `polkadot-api`, then with `@polkadot/api`.
 *
 *     scripts/run.sh                                             starts a development chain, in another terminal
 *     npm run descriptors -- ws://127.0.0.1:9944                 once per runtime
 *     node --import tsx quickstart/transfer.ts [ENDPOINT]        from the folder e2e
 */

import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { cryptoWaitReady } from "@polkadot/util-crypto";
import { createClient } from "polkadot-api";
import { getPolkadotSigner } from "polkadot-api/signer";
import { getWsProvider } from "polkadot-api/ws";
import { WebSocket } from "ws";
import { MultiAddress, openledger } from "../.papi/descriptors/dist/index.js";

const ENDPOINT = process.argv[2] ?? "ws://127.0.0.1:9944";
const OPEN = 10n ** 18n;

/** With types that were generated from this runtime: a wrong name or amount does not compile. */
async function withPapi(from: KeyringPair, to: string): Promise<void> {
  // Browsers and Node.js 22 have a WebSocket of their own and need no option here.
  const websocketClass = WebSocket as unknown as typeof globalThis.WebSocket;
  const client = createClient(getWsProvider(ENDPOINT, { websocketClass }));
  try {
    const api = client.getTypedApi(openledger);

    // Read: a constant, and storage at the last finalised block.
    const least = await api.constants.Balances.ExistentialDeposit();
    const before = await api.query.System.Account.getValue(to);
    console.log(`PAPI: an account holds at least ${least} units; the recipient has ${before.data.free}`);

    // Subscribe: the balance after each finalised block, until the transfer has arrived.
    const arrived = new Promise<bigint>((resolve, reject) => {
      const watch = api.query.System.Account.watchValue(to).subscribe({
        next: ({ value }) => {
          if (value.data.free < before.data.free + OPEN) return;
          resolve(value.data.free);
          watch.unsubscribe();
        },
        error: reject,
      });
    });

    // Transfer: in a web page the signer comes from the wallet, see polkadot-api/pjs-signer.
    const signer = getPolkadotSigner(from.publicKey, "Sr25519", (bytes) => from.sign(bytes));
    const transfer = api.tx.Balances.transfer_keep_alive({ dest: MultiAddress.Id(to), value: OPEN });
    console.log(`PAPI: the fee will be ${await transfer.getEstimatedFees(from.address)}`);
    const result = await transfer.signAndSubmit(signer);
    if (!result.ok) throw new Error(`The transfer failed: ${JSON.stringify(result.dispatchError)}`);
    console.log(`PAPI: finalised in block ${result.block.number}; the recipient has ${await arrived}`);
  } finally {
    client.destroy();
  }
}

/** Without generated types: everything is learnt from the node's metadata when it connects. */
async function withPolkadotJs(from: KeyringPair, to: string): Promise<void> {
  const api = await ApiPromise.create({ provider: new WsProvider(ENDPOINT), noInitWarn: true });
  try {
    const stop = await api.rpc.chain.subscribeFinalizedHeads(({ number }) => {
      console.log(`polkadot.js: block ${number.toString()} is final`);
    });
    const transfer = api.tx.balances.transferKeepAlive(to, OPEN);
    const block = await new Promise<string>((resolve, reject) => {
      transfer
        .signAndSend(from, ({ status, dispatchError }) => {
          if (dispatchError?.isModule) {
            const { section, name } = api.registry.findMetaError(dispatchError.asModule);
            reject(new Error(`The transfer failed: ${section}.${name}`));
          } else if (dispatchError) {
            reject(new Error(`The transfer failed: ${dispatchError.type}`));
          } else if (status.isFinalized) {
            resolve(status.asFinalized.toHex());
          }
        })
        .catch(reject);
    });
    console.log(`polkadot.js: finalised in block ${block}`);
    stop();
  } finally {
    await api.disconnect();
  }
}

await cryptoWaitReady();
const keyring = new Keyring({ type: "sr25519", ss58Format: 42 });
const alice = keyring.addFromUri("//Alice");
const bob = keyring.addFromUri("//Bob");
await withPapi(alice, bob.address);
await withPolkadotJs(alice, bob.address);
