import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that looks at something until it gets SIGTERM, and then prints what it saw, in JSON. */
export class Observer<T> {
  private constructor(
    private readonly end: () => void,
    private readonly seen: Promise<T>,
  ) {}

  /** Starts the program. Its input is closed at once. */
  public static start<T>(argv: readonly string[], input = ''): Observer<T> {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const seen = once(child, 'close').then(() => {
      const printed = Buffer.concat(stdout).toString();
      if (printed === '') throw new Error(`${argv.join(' ')} saw nothing: ${Buffer.concat(stderr).toString()}`);
      return JSON.parse(printed) as T;
    });
    // Whoever stops it is told.
    seen.catch(() => undefined);
    return new Observer(() => child.kill('SIGTERM'), seen);
  }

  /** Ends the program, and gives what it saw. */
  public async stop(): Promise<T> {
    this.end();
    return this.seen;
  }
}
