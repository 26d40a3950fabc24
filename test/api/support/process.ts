import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { basename, join } from 'node:path';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each piece of stderr as it comes. */
  readonly onStderr?: (text: string) => void;
}

/** Runs a program to its end. A program that cannot be started is an error, one that fails is an outcome. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(program, args, { env: options.env ?? process.env, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(text);
  });
  // A program that ends without reading all of its input is no error of ours.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code === null) stderr += `\n${basename(program)} was ended by ${String(signal)}`;
  return { code: code ?? 1, stdout, stderr };
}

/** A server under supervise.sh: it ends with `stop()`, and with this process, however that ends. */
export class Supervised {
  public readonly name: string;
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #ended: Promise<void>;
  #outcome: string | undefined;

  public constructor(folder: string, program: string, args: readonly string[]) {
    this.name = basename(program);
    this.#log = join(folder, `${this.name}.log`);
    const log = openSync(this.#log, 'w', 0o600);
    // A session of its own, so that Ctrl-C in the terminal does not end etcd before the API server has ended.
    this.#child = spawn(join(__dirname, 'supervise.sh'), [folder, program, ...args], {
      detached: true,
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#outcome = error.message;
        resolve();
      });
      this.#child.once('exit', (code, signal) => {
        this.#outcome ??= `status ${String(code ?? signal)}`;
        resolve();
      });
    });
    this.#child.unref();
    (this.#child.stdin as Socket).unref();
  }

  /** How the server ended; undefined while it runs. */
  public get outcome(): string | undefined {
    return this.#outcome;
  }

  public logTail(lines = 25): string {
    return readFileSync(this.#log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  public async stop(): Promise<void> {
    if (this.#outcome === undefined) this.#child.kill('SIGTERM');
    // The end of standard input makes supervise.sh kill what does not end in time.
    const insist = setTimeout(() => this.#child.stdin?.end(), 20_000);
    await this.#ended;
    clearTimeout(insist);
    this.#child.stdin?.destroy();
  }
}
