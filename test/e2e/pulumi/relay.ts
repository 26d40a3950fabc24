import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Leads to a port of this host, and can be cut: then connections break, and new ones are refused. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  #server: Server;

  private constructor(
    target: number,
    public readonly port: number,
    server: Server,
  ) {
    this.#target = target;
    this.#server = server;
  }

  /** @param target the port that it leads to */
  public static async open(target: string): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const relay = new Relay(Number(target), (server.address() as AddressInfo).port, server);
    relay.#serve();
    return relay;
  }

  /** Breaks all connections and refuses others. */
  public cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Leads there again. */
  public async mend(): Promise<void> {
    this.#server = createServer();
    this.#serve();
    await new Promise<void>((done) => this.#server.listen(this.port, '127.0.0.1', done));
  }

  public async close(): Promise<void> {
    this.cut();
    await new Promise((done) => setImmediate(done));
  }

  #serve(): void {
    this.#server.on('connection', (from) => {
      const to = connect(this.#target, '127.0.0.1');
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one
          .on('error', () => other.destroy())
          .on('close', () => {
            this.#sockets.delete(one);
            other.destroy();
          });
      }
    });
  }
}
