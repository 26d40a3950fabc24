import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { AutonomyLevel } from '../../lib';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';
import { which } from './support/prerequisites';

/** The program on PATH, and those that K3S_BINARIES names, as programs or as folders that have one. No root is needed. */
const PROGRAMS = [which('k3s'), ...(process.env.K3S_BINARIES ?? '').split(delimiter)]
  .filter((path): path is string => path !== undefined && path !== '')
  .map((path) => (existsSync(path) && statSync(path).isDirectory() ? join(path, 'k3s') : path))
  .filter((path, index, all) => all.indexOf(path) === index);

type Options = Readonly<Record<string, unknown>>;
type Role = 'server' | 'agent';

/** What units of both levels give to K3s in a file, and what its script adds on the node. */
function given(role: Role): Options[] {
  const fromFile = [AutonomyLevel.L4, AutonomyLevel.L5].map((level) => {
    const { data } = find(kinsObjects('test', level), 'ConfigMap', 'test-config-kins');
    return parse((data as Record<string, string>)[`${role}.yaml`] ?? '') as Options;
  });
  return [...fromFile, fromScript(role)];
}

function fromScript(role: Role): Options {
  const script = readFileSync(resolve(__dirname, `../../lib/kins/scripts/${role}.sh`), 'utf8');
  const names = [...script.matchAll(/(?:(?:^\s+|\) )setting |(?:echo|printf) ')([a-z][a-z-]+)(?: |: )/gm)];
  return Object.fromEntries(names.map(([, name = '']) => [name, '']));
}

const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 24 });

/** Options of K3s itself, as its help lists them. */
const optionsOf = (help: string): Set<string> =>
  new Set([...help.matchAll(/--([a-z][a-z0-9-]+)/g)].map(([, name = '']) => name));

/** Options that K3s has and does not list. */
const UNLISTED = ['disable-agent'];

/** An argument that every kubelet has. K3s' releases are programs that unpack others, in which nothing can be found. */
const ANY_KUBELET = 'eviction-hard';

/** Names of arguments for programs within K3s, such as the kubelet. */
const argumentsIn = (all: readonly Options[]): string[] =>
  all
    .flatMap(Object.entries)
    .flatMap(([option, values]) =>
      option.endsWith('-arg') ? (values as string[]).map((each) => each.split('=', 1)[0] ?? '') : [],
    );

const namesIn = (all: readonly Options[]): string[] => [...new Set(all.flatMap(Object.keys))];

test('K3s is given options by its scripts as well as in files', () => {
  expect(namesIn(given('server'))).toEqual(
    expect.arrayContaining(['cluster-cidr', 'node-name', 'token-file', 'cluster-init']),
  );
  expect(namesIn(given('agent'))).toEqual(expect.arrayContaining(['flannel-iface', 'node-external-ip', 'server']));
  expect(argumentsIn(given('agent'))).toEqual(expect.arrayContaining(['config', 'cgroup-root', 'runtime-cgroups']));
  expect(argumentsIn(given('server'))).toEqual(expect.arrayContaining(['token-auth-file', 'heartbeat-interval']));
});

if (PROGRAMS.length === 0) {
  test.skip('not run: no k3s on PATH, and none named in K3S_BINARIES', () => undefined);
} else {
  describe.each(PROGRAMS)('%s', (program) => {
    let release: string;
    beforeAll(() => {
      release = run(program, '--version').split('\n', 1)[0] ?? '';
    });

    test.each<Role>(['server', 'agent'])('has every option that units give to k3s %s', (role) => {
      const known = optionsOf(run(program, role, '--help'));
      expect([release, namesIn(given(role)).filter((name) => !known.has(name) && !UNLISTED.includes(name))]).toEqual([
        release,
        [],
      ]);
      expect(known.has('no-such-option')).toBe(false);
    });

    // The programs within K3s do not list their options without being started, for which the kubelet needs root. But the
    // name of an option that is gone is not in the program any more.
    const content = readFileSync(program);
    const names = [...UNLISTED, ...argumentsIn(given('server')), ...argumentsIn(given('agent'))];
    if (content.includes(ANY_KUBELET)) {
      test('has the names of unlisted options, and of all arguments that units give to the programs within it', () => {
        expect([release, names.filter((name) => !content.includes(name))]).toEqual([release, []]);
        expect(content.includes('no-such-argument-anywhere')).toBe(false);
      });
    } else {
      test.skip('not run: the programs within it are packed. Name the unpacked one in K3S_BINARIES', () => undefined);
    }
  });
}
