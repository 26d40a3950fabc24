import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const ROOT = resolve(__dirname, '../../..');
export const PROGRAMS = join(__dirname, 'programs');

const NEEDED = ['pulumi', 'pulumi-language-nodejs', 'pulumi-resource-kubernetes'];
/** Ends a command that would never end; asserts nothing about speed. */
const LIMIT_MS = 600_000;

let told = false;

/** `describe` for tests that need the real engine: without it they are skipped, and one line says what is missing. */
export function describeWithEngine(title: string, body: () => void): void {
  const missing = NEEDED.filter((program) => !isOnPath(program));
  if (missing.length === 0) {
    if (testWithRandom === test.skip) {
      process.stderr.write('e2e/pulumi: examples not run: pulumi-resource-random not found on PATH\n');
    } else if (testWithYaml === test.skip) {
      process.stderr.write('e2e/pulumi: other languages not run: pulumi-language-yaml not found on PATH\n');
    }
    describe(title, body);
    return;
  }
  if (!told) process.stderr.write(`e2e/pulumi: not run: ${missing.join(', ')} not found on PATH\n`);
  told = true;
  describe.skip(title, body);
}

/** `test` for programs that make random values. */
export const testWithRandom = isOnPath('pulumi-resource-random') ? test : test.skip;

/** `test` for a program that is not TypeScript and makes random values. */
export const testWithYaml = isOnPath('pulumi-language-yaml') ? testWithRandom : test.skip;

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** How a command of Pulumi ended. */
export interface Outcome {
  readonly code: number;
  /** What a user reads: both streams. */
  readonly text: string;
}

/** A command of Pulumi that is still running. */
export interface Running {
  readonly outcome: Promise<Outcome>;
  /** What it has printed so far. */
  said(): string;
  /** Ends the engine at once, as a crash does. Its plugins live on until {@link Stack.dispose}. */
  kill(): void;
}

/** Stacks of one test, in a backend and a Pulumi home of their own. */
export class Backend {
  readonly folder = mkdtempSync(join(tmpdir(), 'edge-constructs-pulumi-'));
  /** Where the kubernetes provider leaves the kubeconfigs that it works with: not part of what is searched. */
  readonly #temporary = mkdtempSync(join(tmpdir(), 'edge-constructs-pulumi-tmp-'));
  /** Everything that Pulumi printed. */
  readonly transcript: string[] = [];
  readonly #groups: number[] = [];
  readonly #passphrase = randomBytes(16).toString('hex');

  /** A new stack of a project. */
  async stack(project: string, name: string, config: Readonly<Record<string, string>>): Promise<Stack> {
    const stack = new Stack(this, project, name);
    try {
      await stack.run('stack', 'init', name);
    } finally {
      // The only command that writes its settings into the project's folder whatever it is told.
      rmSync(join(project, `Pulumi.${name}.yaml`), { force: true });
    }
    await stack.configure(config);
    return stack;
  }

  /** Runs a command that must succeed and is about no single stack. */
  async run(project: string, ...args: string[]): Promise<string> {
    const { code, text } = await this.start(project, args).outcome;
    if (code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${code}:\n${text}`);
    return text;
  }

  /** @internal */
  start(project: string, args: readonly string[], input = ''): Running {
    const child = spawn('pulumi', ['--non-interactive', '--color=never', '--cwd', project, ...args], {
      // A group of its own, so that plugins which outlive a killed engine can be ended too.
      detached: true,
      stdio: 'pipe',
      env: this.environment,
    });
    if (child.pid !== undefined) this.#groups.push(child.pid);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    }
    child.stdin.end(input);
    const outcome = new Promise<Outcome>((done, fail) => {
      const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
      child.on('error', fail);
      // Not 'close': plugins that outlive a killed engine hold its streams open.
      child.on('exit', (code) => {
        clearTimeout(limit);
        setImmediate(() => {
          this.transcript.push(text);
          done({ code: code ?? -1, text });
        });
      });
    });
    return { outcome, said: () => text, kill: () => child.kill('SIGKILL') };
  }

  /** Places where a text stands in what Pulumi wrote or printed. */
  occurrences(secret: string): string[] {
    return this.search([secret]);
  }

  /** Places where one of these texts stands in what Pulumi wrote or printed: plain, or encoded as base64 or hex. */
  search(secrets: readonly string[]): string[] {
    const forms = secrets.flatMap(spellings);
    return this.#texts()
      .filter(([, text]) => forms.some((form) => text.includes(form)))
      .map(([place]) => place);
  }

  #texts(): [string, string][] {
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return [
      ...files.map((file): [string, string] => [file, contentOf(file)]),
      ...this.transcript.map((text, index): [string, string] => [`output of command ${index}`, text]),
    ];
  }

  /** What a command of Pulumi has to know of this backend. */
  get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      TMPDIR: this.#temporary,
      PULUMI_HOME: join(this.folder, 'home'),
      PULUMI_BACKEND_URL: `file://${this.folder}`,
      PULUMI_CONFIG_PASSPHRASE: this.#passphrase,
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    };
  }

  /** Ends what is left of the plugins and removes all files. */
  dispose(): void {
    for (const group of this.#groups) {
      try {
        process.kill(-group, 'SIGKILL');
      } catch {
        // Nobody of that group is left.
      }
    }
    for (const folder of [this.folder, this.#temporary]) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

/** How a text may be written. */
export function spellings(secret: string): string[] {
  const encoded = inBase64(secret);
  // Secrets hold files that hold it encoded.
  const twice = encoded.flatMap(inBase64);
  return [secret, ...encoded, ...twice, Buffer.from(secret).toString('hex')].filter((form) => form.length >= 8);
}

/** What is always there of a text that is encoded in a longer one, where it may start at any of three positions. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + text)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4)
      .replace(/.{0,3}=*$/, ''),
  );
}

/** The engine packs its logs, unless they are of a stack: those it encrypts. */
function contentOf(file: string): string {
  const content = readFileSync(file);
  const isPacked = content[0] === 0x1f && content[1] === 0x8b;
  return (isPacked ? gunzipSync(content) : content).toString('latin1');
}

/** A stack of a project. */
export class Stack {
  constructor(
    private readonly backend: Backend,
    private readonly project: string,
    private readonly name: string,
  ) {}

  /** Sets values of the configuration; kubeconfigs and secrets as secrets, which Pulumi hides wherever they are printed. */
  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(config)) {
      await this.#succeed(['config', 'set', /kubeconfig|secret$/i.test(key) ? '--secret' : '--plaintext', key], value);
    }
  }

  /** Runs a command that must succeed. */
  async run(...args: string[]): Promise<string> {
    return this.#succeed(args);
  }

  /** Runs a command that may fail. */
  async attempt(...args: string[]): Promise<Outcome> {
    return this.start(...args).outcome;
  }

  /** Starts a command. */
  start(...args: string[]): Running {
    return this.backend.start(this.project, this.#arguments(args));
  }

  /** Secret and plain outputs; not kept in the transcript. */
  async outputs(): Promise<Record<string, unknown>> {
    const text = await this.run('stack', 'output', '--json', '--show-secrets');
    this.backend.transcript.splice(this.backend.transcript.indexOf(text), 1);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Random passwords of the stack; not kept in the transcript. */
  async passwords(): Promise<string[]> {
    const text = await this.run('stack', 'export', '--show-secrets');
    this.backend.transcript.splice(this.backend.transcript.indexOf(text), 1);
    const { deployment } = JSON.parse(text) as {
      deployment: { resources: { type: string; outputs?: { result?: unknown } }[] };
    };
    return deployment.resources
      .filter(({ type }) => type === 'random:index/randomPassword:RandomPassword')
      .map(({ outputs }) => {
        const { result } = outputs ?? {};
        const { plaintext } = result as { plaintext: string };
        return JSON.parse(plaintext) as string;
      });
  }

  async #succeed(args: readonly string[], input = ''): Promise<string> {
    const { code, text } = await this.backend.start(this.project, this.#arguments(args), input).outcome;
    if (code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${code}:\n${text}`);
    return text;
  }

  /** The configuration lies with the backend, not in the project's folder. */
  #arguments(args: readonly string[]): string[] {
    const [command] = args;
    if (command === 'stack' && args[1] === 'init') return [...args];
    const config = ['config', 'up', 'preview', 'refresh', 'destroy'].includes(command ?? '')
      ? ['--config-file', join(this.backend.folder, `Pulumi.${this.name}.yaml`)]
      : [];
    return [...args, '--stack', this.name, ...config];
  }
}
