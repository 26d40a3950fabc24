import { execFile } from 'node:child_process';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate } from '../../support/certificates';

/** A request as the server got it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization?: string;
  readonly contentType?: string;
  readonly body: unknown;
}

/** What a client was told. */
export interface Answer {
  readonly question: string;
  readonly seconds: number;
  readonly told?: unknown;
  readonly code?: unknown;
  readonly message?: string;
}

/** Status and body for a request; nothing at all, or a beginning without an end. */
export type Reply = { readonly status: number; readonly body: object } | 'silence' | 'half an answer';

/** A server on loopback that looks like an API server. */
export class FakeCluster {
  readonly seen: Seen[] = [];
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();

  private constructor(replyTo: (request: Seen) => Reply, certificate?: Certificate) {
    const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        const seen = {
          method,
          path: url,
          authorization: headers.authorization,
          contentType: headers['content-type'],
          body,
        };
        this.seen.push(seen);
        const reply = replyTo(seen);
        if (reply === 'silence') return;
        response.setHeader('Content-Type', 'application/json');
        if (reply === 'half an answer') response.write('{"kind":');
        else response.writeHead(reply.status).end(JSON.stringify(reply.body));
      });
    };
    this.#server =
      certificate === undefined
        ? http.createServer(listener)
        : https.createServer({ cert: certificate.certificate, key: certificate.key }, listener);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** @param certificate @default - plain HTTP */
  static async start(replyTo: (request: Seen) => Reply, certificate?: Certificate): Promise<FakeCluster> {
    const cluster = new FakeCluster(replyTo, certificate);
    await new Promise<void>((done) => cluster.#server.listen(0, '127.0.0.1', done));
    return cluster;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }
}

/** A kubeconfig with a token. @param cluster what it says of the cluster */
export function kubeconfigOf(cluster: object): string {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'c', user: { token: 'the-token' } }],
  });
}

/** Asks with the clients of the library; the process ends by itself, or this fails. */
export async function askCluster(kubeconfig: string, ...questions: readonly string[]): Promise<Answer[]> {
  const root = resolve(__dirname, '../../..');
  const args = ['--require', 'tsx/cjs', join(__dirname, 'ask-cluster.ts'), kubeconfig, ...questions];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 110_000 });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Answer);
}
