import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';
import type { Site } from './site';
import type { SshDevice } from './ssh-device';

/** What a link does to what goes over it. */
export interface Impairment {
  /** Milliseconds that each piece is late. @default 0 */
  readonly delay?: number;
  /** Bytes that pass at once; the rest of a piece waits for its own delay, as on a slow line. @default - all */
  readonly piece?: number;
}

/** Passes everything on, late and in small pieces. */
class Slow extends Transform {
  constructor(private readonly link: Link) {
    super();
  }

  override _transform(data: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const { delay = 0, piece = data.length } = this.link.impairment;
    if (delay === 0) {
      done(undefined, data);
      return;
    }
    setTimeout(() => {
      this.push(data.subarray(0, piece));
      if (data.length > piece) this._transform(data.subarray(piece), 'binary', done);
      else done();
    }, delay);
  }
}

/**
 * A way from this machine's loopback to a device's sshd, by TCP. It counts connections, and can be slow or cut, which
 * stands for a bad line where the kernel has no netem.
 */
export class Link {
  /** Connections that were opened so far. */
  connections = 0;
  impairment: Impairment = {};
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(relay: string, device: SshDevice) {
    this.#server = createServer((outside) => {
      this.connections += 1;
      const inside = connect(relay, () => {
        inside.write(`${device.address} 22\n`);
        outside.pipe(new Slow(this)).pipe(inside);
        inside.pipe(new Slow(this)).pipe(outside);
      });
      for (const [one, other] of [
        [outside, inside],
        [inside, outside],
      ] as const) {
        this.#open.add(one);
        one.setNoDelay(true);
        one.on('error', () => one.destroy());
        one.on('close', () => {
          this.#open.delete(one);
          other.destroy();
        });
      }
    });
  }

  static async open(site: Site, device: SshDevice): Promise<Link> {
    const link = new Link(await site.relay(), device);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections at once, as a broken line does. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
