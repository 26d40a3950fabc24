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

  describe('registries-ready.sh', () => {
    test('the cri pod is ready unless there is something to tell, which is told', async () => {
      world.folder('run');
      expect((await world.run(shell, 'registries-ready.sh', { env: paths(world) })).code).toBe(1);
      world.write('waiting/open', '');
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
      world.write('waiting/shut', 'another release waits: no window\n');
      expect(await world.run(shell, 'registries-ready.sh', { env: paths(world) })).toMatchObject({
        code: 1,
        output: 'another release waits: no window\nSecret kins-system/r is missing\n',
      });
    });
  });
});
