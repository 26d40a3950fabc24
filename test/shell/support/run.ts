import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { oneOf } from '../../support/sample';

/** The files of functions that scripts are put together from. */
const LIBRARY = resolve(__dirname, '../../../lib/shell');

/** The shells that they must work in. */
const ALL_SHELLS = ['dash', 'busybox ash'] as const;
export type Shell = (typeof ALL_SHELLS)[number];
/** Those that a suite tries: in a sample one of them. */
export const SHELLS: readonly Shell[] = oneOf(ALL_SHELLS);

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** What a program finds. */
export interface Surroundings {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the shell, with the shell as its last arguments. */
  readonly within?: readonly string[];
}

/** Runs a program with the functions of some files of the library; names that are not set end it. */
export async function run(
  shell: Shell,
  files: readonly string[],
  program: string,
  { cwd, input = '', env = {}, within = [] }: Surroundings = {},
): Promise<Ended> {
  const [command = '', ...args] = [...within, ...shell.split(' ')];
  const sources = files.map((name) => `. "${LIBRARY}/${name}.sh"\n`).join('');
  const child = spawn(command, [...args, '-uc', `${sources}${program}`], {
    cwd,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  // A program need not read it.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((done, failed) => child.on('error', failed).on('close', done));
  return { code, output, errors };
}
