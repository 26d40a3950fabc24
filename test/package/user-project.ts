import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { satisfies } from 'semver';

export const ROOT = join(__dirname, '..', '..');
export const MODULES = join(ROOT, 'node_modules');

/** What `npm pack` writes, as it is when it is unpacked. @returns its folder */
export function packInto(folder: string): string {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', `--pack-destination=${folder}`], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).replace(/^[^[]*/, ''),
  ) as [{ filename: string }];
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked, { recursive: true });
  execFileSync('tar', [
    '--extract',
    '--strip-components=1',
    `--directory=${unpacked}`,
    '--file',
    join(folder, filename),
  ]);
  return unpacked;
}

/** Puts the unpacked package into a project. @returns where it is */
export function installPackage(unpacked: string, project: string): string {
  const installed = join(project, 'node_modules', 'edge-constructs');
  mkdirSync(dirname(installed), { recursive: true });
  cpSync(unpacked, installed, { recursive: true });
  return installed;
}

/** Puts one of our dependencies into a project, by a link: what it needs itself it finds where it really is. */
export function link(name: string, folder: string): void {
  const target = join(folder, 'node_modules', name);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(MODULES, name), target);
}

/**
 * Does what `npm install` would, without a registry: the packages that are named, in our versions, and what the package
 * itself depends on. Whatever else is needed is not there.
 *
 * @throws Error when a version is asked for that is not ours
 */
export function installOffline(unpacked: string, project: string, specs: readonly string[]): void {
  for (const spec of specs) {
    const [, name = spec, range = '*'] = /^(@?[^@]+)(?:@(.*))?$/.exec(spec) ?? [];
    if (name === 'edge-constructs') {
      const installed = installPackage(unpacked, project);
      const { dependencies = {} } = packageJson(installed);
      for (const each of Object.keys(dependencies)) link(each, installed);
      continue;
    }
    const { version } = packageJson(join(MODULES, name));
    if (!satisfies(version, range)) throw new Error(`${spec} is asked for, and ${version} is what there is`);
    link(name, project);
  }
}

interface PackageJson {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export function packageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
}

/** Names of installed packages, with their scopes. */
export function dependencyNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
    );
}

/** The first stack of the guide for Pulumi, word for word. */
export interface FirstStack {
  /** Lines of shell. */
  readonly commands: readonly string[];
  /** What `npm install` is told to install. */
  readonly packages: readonly string[];
  readonly program: string;
  /** What `pulumi up` is said to print. */
  readonly waiting: string;
}

/** @throws Error when the guide has no longer what is looked for */
export function firstStack(): FirstStack {
  const guide = readFileSync(join(ROOT, 'docs/pulumi.md'), 'utf8');
  const [, section = ''] = /^## The first stack in five minutes\n(.*?)^## /ms.exec(guide) ?? [];
  const [, shell] = /^```sh\n(.*?)^```/ms.exec(section) ?? [];
  const [, program] = /^`index\.ts`:\n\n```ts\n(.*?)^```/ms.exec(section) ?? [];
  const [, waiting] = /`(waiting until [^`]*)`/.exec(section.replaceAll('\n', ' ')) ?? [];
  if (shell === undefined || program === undefined || waiting === undefined) {
    throw new Error('docs/pulumi.md has no first stack: commands, index.ts and what pulumi up tells');
  }
  const commands = shell.replaceAll('\\\n', ' ').trim().split('\n');
  const install = commands.find((command) => command.startsWith('npm install '));
  const packages = install?.split(/ +/).slice(2) ?? [];
  return { commands, packages, program, waiting };
}
