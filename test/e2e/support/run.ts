import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; 128 + the signal's number is not used: a command ended by a signal has -1. */
  readonly code: number;
}

/** How a command is run. */
export interface CommandOptions {
  /** Written to the command's standard input, which is then closed. @default - an empty input */
  readonly input?: string;
  /** Whole environment of the command. @default - that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the command is killed and counts as failed. @default 120000 */
  readonly timeout?: number;
  /** Give back a failure instead of throwing it. @default false */
  readonly mayFail?: boolean;
}

/** A command that did not do its work, with what it said. */
class CommandError extends Error {
  public constructor(
    public readonly argv: readonly string[],
    public readonly result: CommandResult,
  ) {
    const said = `${result.stderr}${result.stdout}`.trim().slice(-4000);
    super(`${argv.join(' ').slice(0, 300)}: exit code ${result.code}\n${said}`);
    this.name = 'CommandError';
  }
}

/** Runs one command without a shell and waits for its end. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const result = await new Promise<CommandResult>((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { env: options.env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), code: code ?? -1 });
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 120_000);
    // A command may end without reading its input; that is its business.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
  if (result.code !== 0 && options.mayFail !== true) throw new CommandError(argv, result);
  return result;
}

/** How long and how often {@link until} asks. */
export interface UntilOptions {
  /** Milliseconds after which it gives up. @default 180000 */
  readonly timeout?: number;
  /** Milliseconds between two questions. @default 500 */
  readonly interval?: number;
}

/**
 * Asks again until there is an answer that is neither `undefined` nor `false`, and gives it back.
 * An error thrown by `ask` counts as "not yet"; the last one is told when the time is over.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  options: UntilOptions = {},
): Promise<T> {
  const end = Date.now() + (options.timeout ?? 180_000);
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`gave up waiting for: ${what}${last instanceof Error ? `\n${last.message}` : ''}`);
    }
    await sleep(options.interval ?? 500);
  }
}
