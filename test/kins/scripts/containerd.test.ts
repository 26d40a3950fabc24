import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { paths } from './support/node';
import { criEnvironment, END, happens, livingContainerd, prepareCri, putProgram } from './support/cri';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

const TABLE = "[plugins.'io.containerd.cri.v1.images'.registry.configs";

let world: World;
beforeEach(() => {
  world = new World();
  prepareCri(world);
  world.folder('run/registries');
});
afterEach(() => {
  world.dispose();
});

/** Processes of a group, of the first tree, that are called containerd and have not ended. */
const running = (machine: World): string[] =>
  machine
    .read('cgroup/memory/kins-test/runtime/cgroup.procs')
    .split('\n')
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/comm`, 'utf8') === 'containerd\n' &&
          !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
        );
      } catch {
        return false;
      }
    });

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'cri.sh', { env: criEnvironment(world, more) });
  /** Until each containerd that was launched has said so, however busy the machine is. */
  const LAUNCHED = `tries=0
until [ "$(grep -c '^nsenter of 1: .*/bin/env ' "$WORLD/log")" -le "$(grep -c '^started' "$WORLD/log")" ] || [ "$tries" = 50 ]; do
  /bin/sleep 0.02
  tries=$((tries + 1))
done
`;
  /** The pod runs until the n-th moment, and what happens before. */
  const pod = async (last: number, moments: Readonly<Record<number, string>> = {}): Promise<Run> => {
    happens(world, { ...moments, [last]: `${LAUNCHED}${END}` });
    return start();
  };
  const calls = (): string[] => world.log().filter((line) => /^(checked|started|ended)/.test(line));
  const auth = (password: string): string => `${TABLE}."r".auth]\n  username = "u"\n  password = "${password}"\n`;
  const releases = (): string[] => Object.keys(world.tree('lib/releases')).filter((path) => !path.includes('/'));
  /** What it says beside the copying of programs. */
  const said = ({ output }: Run): string =>
    output
      .split('\n')
      .filter((line) => !line.startsWith('cri: copying') && !line.startsWith('containerd speaks'))
      .join('\n');
  const CHANGE = 'cp "$WORLD/new" "$KINS_RUN/registries/auth.toml"';
  const AGAIN = 'restarting containerd; workloads keep running\n';

  describe('containerd', () => {
    test('is started with the credentials that are there, in a file for root alone', async () => {
      world.write('run/registries/auth.toml', auth('one'));
      const run = await pod(3);
      expect({ code: run.code, said: said(run) }).toEqual({ code: 0, said: '' });
      expect(calls()).toEqual(['checked', 'started with 1 passwords']);
      const release = world.at(`lib/releases/${releases()[0] ?? ''}`);
      expect(world.read('run/containerd.toml')).toBe(`bin_dirs = ['${release}/bin']\n${auth('one')}`);
      expect([world.mode('run/containerd.toml'), world.mode('run/registries/taken.toml')]).toEqual(['600', '600']);
      expect(world.read('run/registries/taken.toml')).toBe(auth('one'));
    });

    test("runs with the node's mounts, in the network and the group of the unit, without the pod's environment", async () => {
      await pod(3);
      const release = `/lib/releases/${releases()[0] ?? ''}`;
      const launch = world.log().find((line) => line.startsWith('nsenter of 1: ')) ?? '';
      expect(launch).toContain(`nsenter of 1: ${release}/bin/env -i PATH=${release}/bin:`);
      expect(world.read('environment').split('\n')).not.toContain('KINS_UNIT');
      expect(world.mode('run/containerd.with')).toBe('600');
      expect(world.read('environment')).toMatch(/^GOGC\n(.*\n)*PATH\n(.*\n)*XTABLES_LOCKFILE\n/);
      const groups = ['memory', 'cpu'].map((tree) => world.read(`cgroup/${tree}/kins-test/runtime/cgroup.procs`));
      expect(groups).toEqual(groups.map(() => `${running(world)[0] ?? ''}\n`));
    });

    test('goes on when the pod ends, and the next pod leaves it alone', async () => {
      await pod(3);
      const before = running(world);
      expect(before).toHaveLength(1);
      const run = await pod(3);
      expect({ code: run.code, said: said(run) }).toEqual({ code: 0, said: '' });
      expect(running(world)).toEqual(before);
      expect(calls().filter((line) => line !== 'checked')).toEqual(['started with 0 passwords']);
    });

    test('does not keep the lock of the pod that has started it', async () => {
      await pod(3);
      expect(running(world)).toHaveLength(1);
      expect(spawnSync('flock', ['-n', world.at('lib/standby/cri/lock'), 'true']).status).toBe(0);
    });

    test('is started again, once, by a pod that has other settings', async () => {
      await pod(3);
      world.write('config/containerd.toml', 'another = true\n');
      const run = await pod(4);
      expect(said(run)).toBe(`cri: there is another release or another configuration: ${AGAIN}`);
      expect(calls().filter((line) => line !== 'checked')).toEqual([
        'started with 0 passwords',
        'ended',
        'started with 0 passwords',
      ]);
      expect(running(world)).toHaveLength(1);
    });

    test('that has died is started again, and no socket of it is left meanwhile', async () => {
      putProgram(
        world,
        'containerd',
        livingContainerd(world).replace(
          'echo "started',
          '[ ! -e "$machine/run/containerd.sock" ] || echo stale\necho "started',
        ),
      );
      const run = await pod(8, { 3: 'command kill -9 $(cat "$WORLD/cgroup/memory/kins-test/runtime/cgroup.procs")' });
      expect(said(run)).toContain(`cri: containerd has ended: restarting it; workloads keep running\n`);
      expect(calls()).toEqual(['checked', 'started with 0 passwords', 'started with 0 passwords']);
      expect(running(world)).toHaveLength(1);
      expect(world.read('lib/log/containerd.log')).not.toContain('stale');
    });

    test('that somebody has left behind is ended, however many there are', async () => {
      await pod(3);
      const first = running(world);
      for (const tree of ['memory', 'cpu']) world.write(`cgroup/${tree}/kins-test/runtime/cgroup.procs`, '');
      world.remove('run/containerd.with');
      await pod(3);
      const second = running(world);
      for (const tree of ['memory', 'cpu'])
        world.write(`cgroup/${tree}/kins-test/runtime/cgroup.procs`, `${[...first, ...second].join('\n')}\n`);
      expect(running(world)).toHaveLength(2);
      world.remove('run/containerd.with');
      await pod(3);
      expect(calls().filter((line) => line === 'ended')).toHaveLength(2);
      expect(running(world)).toHaveLength(1);
      expect([...first, ...second]).not.toContain(running(world)[0]);
    });

    test('is started again when the credentials change, and only then', async () => {
      world.write('new', auth('two'));
      const run = await pod(9, { 3: CHANGE });
      expect(said(run)).toBe(`cri: the registry credentials have changed: ${AGAIN}`);
      expect(calls()).toEqual(['checked', 'started with 0 passwords', 'checked', 'ended', 'started with 1 passwords']);
      expect(world.read('run/registries/taken.toml')).toBe(auth('two'));
    });

    test.each([
      ['from the start', true, ['checked', 'checked', 'started with 0 passwords']],
      ['later', false, ['checked', 'started with 0 passwords', 'checked']],
    ])('goes on with credentials that it would not start with, %s, and they are told', async (_, isThere, called) => {
      world.write('new', auth('refuse'));
      if (isThere) world.write('run/registries/auth.toml', auth('refuse'));
      const run = await pod(9, { 3: CHANGE });
      expect(said(run)).toBe('cri: containerd does not accept the registry credentials\n');
      expect(calls()).toEqual(called);
      expect(running(world)).toHaveLength(1);
      const ready = await world.run(shell, 'registries-ready.sh', { env: paths(world) });
      expect(ready.code).toBe(1);
      expect(ready.output).toContain('look for characters that are not UTF-8 in their Secrets');
    });

    test('that does not end when it is told to is killed, and the next one has the credentials', async () => {
      const stubborn = livingContainerd(world).replace(
        'trap "',
        'grep -q password "$2" || trap "" TERM\ngrep -q password "$2" && trap "',
      );
      putProgram(world, 'containerd', stubborn);
      world.write('new', auth('two'));
      happens(world, { 3: CHANGE, 9: END });
      expect((await start({ END_SECONDS: '1', UPTIME: '/proc/uptime' })).code).toBe(0);
      expect(calls()).toEqual(['checked', 'started with 0 passwords', 'checked', 'started with 1 passwords']);
      expect(running(world)).toHaveLength(1);
    });

    test('speaks in a file of the node, which the pod shows and which does not grow for ever', async () => {
      world.write('lib/log/containerd.log', 'of before\n');
      happens(world, {
        4: 'echo "a word more" >>"$KINS_LIB/log/containerd.log"',
        8: 'head -c 3000 /dev/zero | tr "\\0" "x" >>"$KINS_LIB/log/containerd.log"',
        24: END,
      });
      const { output } = await start({ LOG_BYTES: '2000' });
      expect(output).toContain('a word more\n');
      expect(output).not.toContain('of before');
      expect(world.read('lib/log/containerd.log.1')).toMatch(/^of before\n[^]*x{3000}$/);
      expect(world.read('lib/log/containerd.log').length).toBeLessThan(2000);
    });
  });

  describe('programs of a release', () => {
    const UPDATE = (): void => {
      putProgram(world, 'runc', '#!/bin/sh\n');
    };

    test('are copied to the node once, and run from there', async () => {
      await pod(3);
      const [release = ''] = releases();
      expect(releases()).toEqual([release]);
      expect(world.tree(`lib/releases/${release}/bin`)).toEqual(world.tree('image/bin'));
      expect((await pod(3)).output).not.toContain('cri: copying');
      expect(releases()).toEqual([release]);
    });

    test('of another image have a folder of their own; those of before go once its containerd answers', async () => {
      await pod(3);
      const [before = ''] = releases();
      UPDATE();
      putProgram(
        world,
        'ctr',
        `#!/bin/sh\necho "asked: $(ls "$KINS_LIB/releases" | wc -l)" >>"$WORLD/log"\n[ -e "$WORLD/answers" ]\n`,
      );
      const run = await pod(12, { 6: ': >"$WORLD/answers"' });
      expect(said(run)).toContain(`cri: there is another release or another configuration: ${AGAIN}`);
      expect(releases()).toHaveLength(1);
      expect(releases()).not.toContain(before);
      expect(world.log().find((line) => line.startsWith('asked'))).toBe('asked: 2');
      // Not before the one that runs from it has ended.
      expect(world.log().indexOf('ended')).toBeLessThan(world.log().indexOf('asked: 2'));
    });

    test('of before stay while containerd does not answer', async () => {
      await pod(3);
      UPDATE();
      putProgram(world, 'ctr', '#!/bin/sh\nexit 1\n');
      await pod(8);
      expect(releases()).toHaveLength(2);
    });

    test('of before stay while the shim of a container runs from them, which calls runc there', async () => {
      await pod(3);
      const [before = ''] = releases();
      UPDATE();
      putProgram(world, 'ctr', '#!/bin/sh\n[ -e "$WORLD/answers" ]\n');
      const folder = world.at(`lib/releases/${before}/bin`);
      const shim = [
        'while [ "$(grep -c ^started "$WORLD/log")" -lt 2 ]; do /bin/sleep 0.05; done',
        `cp /bin/sleep "${folder}/shim"`,
        `"${folder}/shim" 60 & echo $! >>"$WORLD/cgroup/cpu/kins-test/runtime/cgroup.procs"`,
        ': >"$WORLD/answers"',
      ];
      await pod(8, { 2: shim.join('\n') });
      expect(releases()).toContain(before);
      expect(releases()).toHaveLength(2);
    });

    test('are there whole or not at all, whenever the power is cut', async () => {
      const PROGRAMS = { containerd: '#!/bin/sh\n', ctr: '#!/bin/sh\n', runc: 'a large program\n' };
      const { calm, cuts } = await interruptedAnywhere(shell, {
        script: 'cri.sh',
        prepare: (machine) => {
          prepareCri(machine);
          for (const [name, text] of Object.entries(PROGRAMS)) putProgram(machine, name, text);
          happens(machine, {});
          machine.write('moments.sh', `sleep() { /bin/sleep "$1"; if [ "$1" = 0.1 ]; then ${END}; fi; }\n`);
        },
        env: criEnvironment,
        restart: (machine) => {
          machine.remove('run');
          machine.folder('run');
          machine.write('mounts', '/sys/fs/cgroup\n');
        },
        outcome: (machine) =>
          Object.entries(machine.tree('lib/releases'))
            .filter(([path, text]) => text !== null && !/\/(env|setsid|sh|test)$/.test(path))
            .map(([path, text]) => [path.replace(/^[0-9a-f]{16}/, 'ID'), text]),
      });
      expect(calm).toEqual([
        ...Object.entries(PROGRAMS).map(([name, text]) => [`ID/bin/${name}`, text]),
        ['ID/etc/ssl/cert.pem', 'authorities\n'],
        ['ID/lib/libc.so', 'a library\n'],
        ['ID/usr/share/zoneinfo/UTC', 'a time zone\n'],
      ]);
      expect(cuts).toBeGreaterThan(20 / shell.stride);
    });

    test.each([
      ['copied', 'cp'],
      ['put in place', 'mv'],
    ])(
      'that can not be %s, since the disk is full, are told, and nothing is left that is not whole',
      async (_, command) => {
        const real = `${command}() { case $* in */releases/.*) ${command === 'cp' ? 'mkdir -p "$KINS_LIB/releases/.new/bin"; : >"$KINS_LIB/releases/.new/bin/half"; ' : ''}return 1 ;; esac; command ${command} "$@"; }`;
        world.write('prelude', `${world.read('prelude')}${real}\n`);
        const { code, output } = await pod(3);
        expect(code).toBe(1);
        expect(output).toContain(
          `cri: could not copy K3s' programs to ${world.at('lib/releases')}: look at the disk\n`,
        );
        expect(releases()).toEqual([]);
        expect(calls()).toEqual([]);
      },
    );
  });
});
