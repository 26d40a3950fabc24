import { fork, type ChildProcess } from 'node:child_process';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join, resolve } from 'node:path';
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

/** A process that asks with the clients of the library: it takes long to start, so that a suite has one for many questions. */
export class Asker {
  readonly #process: ChildProcess;

  /** @param isHasty whether its clock is sixty times as fast, for what ends because a time is over */
  constructor(isHasty = false) {
    const modules = ['tsx/cjs', ...(isHasty ? [join(__dirname, 'fast-clock.ts')] : [])];
    this.#process = fork(join(__dirname, 'ask-cluster.ts'), [], {
      cwd: resolve(__dirname, '../../..'),
      execArgv: modules.flatMap((each) => ['--require', each]),
      // Jest's own would be loaded once more.
      env: { PATH: process.env.PATH },
    });
  }

  async ask(kubeconfig: string, ...questions: readonly string[]): Promise<Answer[]> {
    this.#process.send([kubeconfig, ...questions]);
    return new Promise((done, fail) => {
      const ended = (): void => {
        fail(new Error('the process that asks has ended'));
      };
      this.#process.once('exit', ended).once('message', (answers) => {
        this.#process.off('exit', ended);
        done(answers as Answer[]);
      });
    });
  }

  /** It has to end by itself, which it does not do while a connection is open. @throws Error when it goes on */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((done) => this.#process.once('exit', done));
    const limit = setTimeout(() => {
      this.kill();
    }, 100_000);
    this.#process.disconnect();
    await ended;
    clearTimeout(limit);
    if (this.#process.signalCode !== null) throw new Error('the process that asked has not ended by itself');
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
