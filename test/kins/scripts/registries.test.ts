import { spawnSync } from 'node:child_process';
import { paths } from './support/node';
import { SCRIPTS } from './support/scripts-folder';
import { inEachShell, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => {
  world.dispose();
});

const DIFFICULT = '-n p"a\\s\'s $(id) `x` #: ü\t%s'.replace('\t', ' ');
const TABLE = "[plugins.'io.containerd.cri.v1.images'.registry.configs";

inEachShell((shell) => {
  /** The containerd of a machine: writes down how it was started, and lives until it is told to end. */
  const LIVING = [
    '#!/bin/sh',
    'if [ "${3-}" = config ]; then echo "checked" >>"$WORLD/log"; ! grep -q refuse "$2"; exit; fi',
    'echo "started with $(grep -c password "$2") passwords" >>"$WORLD/log"',
    ': >"$KINS_RUN/containerd.sock"',
    'trap "echo ended >>$WORLD/log; exit 0" TERM',
    'while :; do /bin/sleep 0.05; done',
    '',
  ].join('\n');

  describe('registries.sh', () => {
    const look = (before = ''): Run => {
      world.write('again', `${before}\nwrite_registries`);
      const script = 'say() { echo "agent: $*"; }; scripts=$KINS_SCRIPTS; . "$scripts/registries.sh"; . "$0"';
      const [file = '', ...rest] = shell.command;
      const { status, stdout, stderr } = spawnSync(file, [...rest, '-euc', script, world.at('again')], {
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin', KINS_SCRIPTS: SCRIPTS, ...paths(world) },
      });
      return { code: status, output: stdout + stderr, wasCut: false, wasStopped: false };
    };
    const list = (...lines: readonly string[]): void => {
      world.write('config/registries', lines.map((line) => `${line}\n`).join(''));
    };
    beforeEach(() => {
      world.folder('run');
      world.folder('config');
      world.folder('registries');
      world.write('config/registry.r.example.com_5000_.toml', 'server = "https://r.example.com:5000"\n');
      list('basic r.example.com_5000_ kins-system/r user pass r.example.com:5000');
      world.write('registries/r.example.com_5000_/username', 'puller');
      world.write('registries/r.example.com_5000_/password', 'secret');
    });

    test('writes what containerd reads, readable by root alone, and nothing of it is said', () => {
      expect(look()).toMatchObject({ code: 0, output: '' });
      expect(world.tree('run/registries')).toEqual({
        'auth.toml': `${TABLE}."r.example.com:5000".auth]\n  username = "puller"\n  password = "secret"\n`,
        'certs.d': null,
        'certs.d/r.example.com_5000_': null,
        'certs.d/r.example.com_5000_/hosts.toml': 'server = "https://r.example.com:5000"\n',
        problems: '',
        tls: null,
      });
      expect([world.mode('run/registries'), world.mode('run/registries/auth.toml')]).toEqual(['700', '600']);
    });

    test.each([
      ['quotes, backslashes and what a shell would run', DIFFICULT],
      ['a line break at its end, which editors add', `${DIFFICULT}\n`],
    ])('takes a password with %s as it is', (_, password) => {
      world.write('registries/r.example.com_5000_/password', password);
      expect(look().output).toBe('');
      const written = /^ {2}password = (".*")$/m.exec(world.read('run/registries/auth.toml'))?.[1] ?? '';
      expect(JSON.parse(written)).toBe(DIFFICULT);
    });

    test('names every Secret that is missing or can not be used, once, and goes on with the others', () => {
      list(
        'basic r.example.com_5000_ kins-system/r user pass r.example.com:5000',
        'basic docker.io kins-system/hub username password docker.io registry-1.docker.io',
        'token t.example.com kins-system/t refresh - t.example.com',
        'ca r.example.com_5000_ kins-system/ca ca.crt - r.example.com:5000',
      );
      world.write('registries/docker.io/username', 'puller');
      world.write('registries/t.example.com/token', 'two\nlines');
      const problems = [
        "Secret kins-system/hub has nothing under the key 'password', or is missing: registry docker.io needs it",
        "Secret kins-system/t has a control character under the key 'refresh', so it cannot be sent to registry t.example.com",
        "Secret kins-system/ca has nothing under the key 'ca.crt', or is missing: registry r.example.com:5000 needs it",
      ];
      expect(look()).toMatchObject({ code: 0, output: problems.map((each) => `agent: ${each}\n`).join('') });
      expect(world.read('run/registries/problems')).toBe(problems.map((each) => `${each}\n`).join(''));
      expect(world.read('run/registries/auth.toml').match(/^\[/gm)).toHaveLength(1);
      expect(look().output).toBe('');
    });

    test.each([
      ['the settings of registries', 'run/registries/certs.d'],
      ['the files of TLS', 'run/registries/tls/r.example.com_5000_'],
    ])('what cannot be written is not taken for done: %s', (_, place) => {
      list('ca r.example.com_5000_ kins-system/ca ca.crt - r.example.com:5000');
      world.write('registries/r.example.com_5000_/ca.crt', 'of a CA');
      // Where a folder has to be.
      world.write(place, '');
      expect(look().code).not.toBe(0);
    });

    test('a CA of the configuration that can not be written is not taken for written', () => {
      world.write('config/registry.r.example.com_5000_.crt', 'of a CA');
      world.folder('run/registries/tls/r.example.com_5000_/ca.crt.new');
      expect(look().code).not.toBe(0);
    });

    test('credentials that can not be written whole leave those of before', () => {
      look();
      const before = world.read('run/registries/auth.toml');
      world.write('registries/r.example.com_5000_/password', 'changed');
      expect(look('quoted() { return 1; }').code).not.toBe(0);
      expect(world.read('run/registries/auth.toml')).toBe(before);
    });

    test('a credential for docker.io is for the host that containerd asks, too', () => {
      list('token docker.io kins-system/hub refresh - docker.io registry-1.docker.io');
      world.write('registries/docker.io/token', 'refreshing');
      look();
      expect(world.read('run/registries/auth.toml')).toBe(
        ['docker.io', 'registry-1.docker.io']
          .map((host) => `${TABLE}."${host}".auth]\n  identitytoken = "refreshing"\n`)
          .join(''),
      );
    });

    test('follows Secrets that change and go, and leaves nothing of a registry that is not named any more', () => {
      list(
        'basic r.example.com_5000_ kins-system/r user pass r.example.com:5000',
        'client r.example.com_5000_ kins-system/tls tls.crt tls.key r.example.com:5000',
      );
      world.write('registries/r.example.com_5000_/tls.crt', 'certificate 1\n');
      world.write('registries/r.example.com_5000_/tls.key', 'key 1\n');
      world.write('config/registry.m.example.com.toml', 'server = "https://m.example.com"\n');
      world.write('config/registry.m.example.com.crt', 'CA\n');
      look();
      expect(world.tree('run/registries/tls')).toEqual({
        'm.example.com': null,
        'm.example.com/ca.crt': 'CA\n',
        'r.example.com_5000_': null,
        'r.example.com_5000_/tls.crt': 'certificate 1\n',
        'r.example.com_5000_/tls.key': 'key 1\n',
      });
      expect(world.mode('run/registries/tls/r.example.com_5000_/tls.key')).toBe('600');

      world.write('registries/r.example.com_5000_/tls.key', 'key 2\n');
      world.write('registries/r.example.com_5000_/password', 'another');
      world.remove('registries/r.example.com_5000_/tls.crt');
      world.remove('config/registry.m.example.com.toml');
      world.remove('config/registry.m.example.com.crt');
      look();
      expect(world.tree('run/registries/tls')).toEqual({
        'r.example.com_5000_': null,
        'r.example.com_5000_/tls.key': 'key 2\n',
      });
      expect(world.tree('run/registries/certs.d')).not.toHaveProperty('m.example.com');
      expect(world.read('run/registries/auth.toml')).toContain('password = "another"');

      world.remove('config/registries');
      world.remove('config/registry.r.example.com_5000_.toml');
      look();
      expect(world.tree('run/registries')).toEqual({ 'auth.toml': '', 'certs.d': null, problems: '', tls: null });
    });

    test('a unit without registries has no folder for them', () => {
      world.remove('config');
      world.folder('config');
      expect(look().code).toBe(0);
      expect(world.has('run/registries')).toBe(false);
    });
  });

  describe('cri.sh', () => {
    const start = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
      world.run(shell, 'cri.sh', {
        env: { ...paths(world), REAL_SLEEP: '0.3 0.05', LOOK_SECONDS: '0.3', ...more },
      });
    /** What happens while the script waits for the n-th time, for real. */
    const happens = (moments: Readonly<Record<number, string>>): void => {
      const cases = Object.entries(moments).map(([moment, what]) => `${moment}) ${what} ;;`);
      const count = 'n=$(($(cat "$WORLD/moments") + 1)); echo "$n" >"$WORLD/moments"';
      world.write('moments', '0');
      const sleep = `sleep() { /bin/sleep "$1"; ${count}; case $n in ${cases.join(' ')} esac; }\n`;
      world.write('prelude', `${world.read('prelude')}${sleep}`);
    };
    const END = 'command kill -TERM $$';
    const CHANGE = 'cp "$WORLD/new" "$KINS_RUN/registries/auth.toml"';
    const calls = (): string[] => world.log().filter((line) => /^(checked|started|ended)/.test(line));
    const auth = (password: string): string => `${TABLE}."r".auth]\n  username = "u"\n  password = "${password}"\n`;
    beforeEach(() => {
      world.write('mounts', `/sys/fs/cgroup\n`);
      world.write('config/containerd.toml', 'version = 3\n');
      world.write('run/net', '');
      world.remove('bin/containerd');
      world.write('bin/containerd', LIVING);
      spawnSync('chmod', ['755', world.at('bin/containerd')]);
    });

    test('starts containerd with the credentials that are there, in a file for root alone', async () => {
      world.folder('run/registries');
      world.write('run/registries/auth.toml', auth('one'));
      happens({ 1: END });
      const { code, output } = await start();
      expect({ code, output }).toEqual({ code: 0, output: '' });
      expect(calls()).toEqual(['checked', 'started with 1 passwords', 'ended']);
      expect(world.read('run/containerd.toml')).toBe(`version = 3\n${auth('one')}`);
      expect([world.mode('run/containerd.toml'), world.mode('run/registries/taken.toml')]).toEqual(['600', '600']);
      expect(world.read('run/registries/taken.toml')).toBe(auth('one'));
    });

    test('starts containerd again when the credentials change, and only then', async () => {
      world.folder('run/registries');
      world.write('new', auth('two'));
      happens({ 3: CHANGE, 9: END });
      const { code, output } = await start();
      expect(code).toBe(0);
      expect(output).toBe(
        'cri: the registry credentials have changed: restarting containerd; workloads keep running\n',
      );
      expect(calls()).toEqual([
        'checked',
        'started with 0 passwords',
        'checked',
        'ended',
        'started with 1 passwords',
        'ended',
      ]);
      expect(world.read('run/registries/taken.toml')).toBe(auth('two'));
    });

    test.each([
      ['from the start', true, ['checked', 'checked', 'started with 0 passwords', 'ended']],
      ['later', false, ['checked', 'started with 0 passwords', 'checked', 'ended']],
    ])(
      'credentials that containerd would not start with, %s, end nothing, and are told',
      async (_, isThere, called) => {
        world.folder('run/registries');
        world.write('new', auth('refuse'));
        if (isThere) world.write('run/registries/auth.toml', auth('refuse'));
        happens({ 3: CHANGE, 9: END });
        const { output } = await start();
        expect(output).toBe('cri: containerd does not accept the registry credentials\n');
        expect(calls()).toEqual(called);
        const ready = await world.run(shell, 'registries-ready.sh', { env: paths(world) });
        expect(ready.code).toBe(1);
        expect(ready.output).toContain('look for characters that are not UTF-8 in their Secrets');
      },
    );

    test('a containerd that does not end when it is told to is killed, and the next one has the credentials', async () => {
      const stubborn = LIVING.replace(
        'trap "echo',
        'grep -q password "$2" || trap "" TERM\ngrep -q password "$2" && trap "echo',
      );
      world.write('bin/containerd', stubborn);
      spawnSync('chmod', ['755', world.at('bin/containerd')]);
      world.folder('run/registries');
      world.write('new', auth('two'));
      happens({ 3: CHANGE, 20: END });
      expect((await start({ END_SECONDS: '1', UPTIME: '/proc/uptime' })).code).toBe(0);
      expect(calls()).toEqual(['checked', 'started with 0 passwords', 'checked', 'started with 1 passwords', 'ended']);
    });

    test('ends with containerd', async () => {
      world.write('bin/containerd', '#!/bin/sh\n[ "${3-}" = config ] || exit 7\n');
      spawnSync('chmod', ['755', world.at('bin/containerd')]);
      happens({});
      expect((await start()).code).toBe(7);
    });
  });

  describe('registries-ready.sh', () => {
    test('the cri pod is ready unless there is something to tell, which is told', async () => {
      world.folder('run');
      expect(await world.run(shell, 'registries-ready.sh', { env: paths(world) })).toMatchObject({
        code: 0,
        output: '',
      });
      world.write('run/registries/problems', '');
      expect((await world.run(shell, 'registries-ready.sh', { env: paths(world) })).code).toBe(0);
      world.write('run/registries/problems', 'Secret kins-system/r is missing\n');
      expect(await world.run(shell, 'registries-ready.sh', { env: paths(world) })).toMatchObject({
        code: 1,
        output: 'Secret kins-system/r is missing\n',
      });
    });
  });
});
