/** A line to a server that a test can cut and repair: the server itself goes on. */

import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../node.js";

const LOOPBACK = "127.0.0.1";

export class Link {
  /** What a client is given instead of the server's own address. */
  readonly url: string;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: URL,
    private readonly port: number,
  ) {
    const own = new URL(target);
    own.port = String(port);
    this.url = own.href.replace(/\/$/, "");
  }

  /** Lays a line to the server of this address. */
  static async to(url: string): Promise<Link> {
    const link = new Link(new URL(url), await freePort());
    await link.repair();
    return link;
  }

  /** Lets clients through again. */
  async repair(): Promise<void> {
    const server = createServer((client) => this.join(client));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, LOOPBACK, resolve);
    });
  }

  /** Drops all connections and refuses new ones. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.server = undefined;
  }

  private join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      this.sockets.add(socket);
      socket.pipe(other);
      // Whatever happened to one end happens to the other.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
