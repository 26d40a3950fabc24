import { spawnSync } from 'node:child_process';
import { lstatSync, readlinkSync, symlinkSync } from 'node:fs';
import { LAZY_DISK_PROGRAM, LazyDisk } from '../../support/lazy-disk';
import { afterPowerCut, LOSSES } from '../../support/power-cut';
import { criEnvironment, END, happens, prepareCri, putProgram } from './support/cri';
import { inEachShell, interruptedAnywhere, NOT_ON_DISK, World, type Run } from './support/world';

const UNITS = 'node/etc/systemd/system';
const UNIT = `${UNITS}/kins-test.service`;
const LINK = `${UNITS}/multi-user.target.wants/kins-test.service`;

let world: World;
beforeEach(() => {
  world = new World();
  prepareCri(world);
});
afterEach(() => {
  world.dispose();
});

/** What the node is told, and what it is to start; places without the folder of the test. */
const told = (machine = world): unknown => ({
  etc: Object.fromEntries(
    Object.entries(machine.tree('node/etc')).map(([path, text]) => [path, text?.split(machine.root).join('') ?? null]),
  ),
  link: machine.has(LINK) && readlinkSync(machine.at(LINK)),
  standby: Object.entries(machine.tree('lib/standby'))
    .filter(([path, text]) => text !== null && !/^cri\//.test(path))
    .map(([path, text]) => [
      path,
      text
        ?.split(machine.root)
        .join('')
        .replace(/^[0-9a-f]{16}$/m, 'RELEASE'),
    ]),
});

/** How systemd hears of a change. */
const RELOAD = ['on the node: systemctl', 'systemctl daemon-reload'];
const NOTHING = { etc: { systemd: null, 'systemd/system': null }, link: false };

inEachShell((shell) => {
  const pod = async (more: Readonly<Record<string, string>> = {}, disk?: LazyDisk): Promise<Run> => {
    happens(world, { 1: END });
    return world.run(shell, 'cri.sh', { env: criEnvironment(world, more), disk });
  };
  const onNode = (): string[] => world.log().filter((line) => /^(on the node|systemctl)/.test(line));
  /** What it says beside the copying of programs. */
  const said = ({ output }: Run): string[] =>
    output.split('\n').filter((line) => line.startsWith('cri: ') && !line.startsWith('cri: copying'));

  test('a node starts the unit at each boot, by a shell of its own and a file of the unit', async () => {
    const run = await pod();
    expect([run.code, said(run)]).toEqual([0, []]);
    expect(onNode()).toEqual(RELOAD);
    expect(readlinkSync(world.at(LINK))).toBe('../kins-test.service');
    const unit = world.read(UNIT).split(world.root).join('');
    expect(world.read(LINK).split(world.root).join('')).toBe(unit);
    expect(unit).toMatch(/^\[Unit\]\n(.+\n)*ConditionPathExists=\/lib\/standby\/start\n\[Service\]\n/);
    expect(unit).toMatch(/\nExecStart=\/bin\/sh \/lib\/standby\/start\nRestart=on-failure\n/);
    expect(unit).toMatch(/\n\[Install\]\nWantedBy=multi-user\.target\n$/);
  });

  test('what it starts is the newest that its pod was given, with programs that came with the unit', async () => {
    await pod();
    const release = world.read('lib/standby/cri.release').trim();
    const kit = world.read('lib/standby/cri/current').trim();
    expect(world.has(`lib/releases/${release}/bin/sh`)).toBe(true);
    const scripts = `lib/standby/cri/${kit}/scripts`;
    expect(world.has(`${scripts}/standby.sh`)).toBe(true);
    world.write(
      `${scripts}/standby.sh`,
      'echo "unit $1, server $SERVER_UID, scripts $scripts"; echo "$PATH" | cut -d : -f 1\n',
    );
    const [file = '', ...rest] = shell.command;
    // A service of systemd has next to nothing in its environment.
    const { stdout, stderr } = spawnSync(file, [...rest, world.at('lib/standby/start')], { env: {}, encoding: 'utf8' });
    expect([stderr, stdout.split(world.root).join('')]).toEqual([
      '',
      `unit lib, server 10001, scripts /${scripts}\n/lib/releases/${release}/bin\n`,
    ]);
  });

  test('it knows the names and the address of the node', async () => {
    await pod();
    expect(world.read('lib/standby/address')).toBe('192.0.2.20\n');
    expect(world.read('lib/standby/hosts')).toMatch(/localhost/);
    await pod({ NODE_IP: '192.0.2.21' });
    expect(world.read('lib/standby/address')).toBe('192.0.2.21\n');
  });

  test('what is there already is not written again, and the node is not told again', async () => {
    await pod();
    const before = told();
    world.write('log', '');
    await pod();
    expect(told()).toEqual(before);
    expect(onNode()).toEqual([]);
    expect(world.log().filter((line) => line.startsWith('sync'))).toEqual([]);
  });

  test('one of which half was taken away is complete again', async () => {
    await pod();
    const before = told();
    for (const half of [UNIT, LINK]) {
      world.remove(half);
      await pod();
      expect(told()).toEqual(before);
    }
    world.write(UNIT, 'of another version\n');
    await pod();
    expect(told()).toEqual(before);
  });

  test('a unit that was given its cluster back is started again', async () => {
    world.write('lib/standby/ended', '');
    await pod();
    expect(world.has('lib/standby/ended')).toBe(false);
  });

  test('the node is not told before the service is on its disk, nor before it is off it', async () => {
    const services: string[][] = [];
    const disk = new LazyDisk(world.root, NOT_ON_DISK, {
      systemctl: () => {
        const paths = [...afterPowerCut(disk.moment(), 'everything')].flatMap(([path, { content }]) =>
          path.includes('kins-test.service') ? [`${path.replace(/^.*system\//, '')} ${content.length > 0}`] : [],
        );
        services.push(paths.sort());
      },
    });
    symlinkSync(LAZY_DISK_PROGRAM, world.at('disk/systemctl'));
    putProgram(world, 'systemctl', '#!/bin/sh\nexec "$WORLD/disk/systemctl"\n');
    try {
      await pod({}, disk);
      await pod({ BOOT_WHILE_DARK: 'no' }, disk);
    } finally {
      disk.stop();
    }
    expect(services).toEqual([['kins-test.service true', 'multi-user.target.wants/kins-test.service true'], []]);
  });

  test.each(['', 'of an earlier version\n'])(
    'a node that starts it has all of it, whenever the power is cut: before, %j',
    async (before) => {
      if (before !== '') {
        world.write(UNIT, before);
        world.folder(`${UNITS}/multi-user.target.wants`);
        symlinkSync('../kins-test.service', world.at(LINK));
      }
      const started = new Set<string>();
      const disk = new LazyDisk(world.root, NOT_ON_DISK, {
        look: () => {
          for (const loss of LOSSES) {
            const tree = afterPowerCut(disk.moment(), loss);
            if (tree.has(`/${LINK}`)) started.add(tree.get(`/${UNIT}`)?.content.toString() ?? 'nothing');
          }
        },
      });
      symlinkSync(LAZY_DISK_PROGRAM, world.at('disk/look'));
      const looking = ['mv', 'ln'].map(
        (name) => `${name}() { "$WORLD/disk/look" && command ${name} "$@" && "$WORLD/disk/look"; }\n`,
      );
      const sync = 'sync() { "$WORLD/disk/look" && "$WORLD/bin/sync" "$@" && "$WORLD/disk/look"; }\n';
      world.write('prelude', `${world.read('prelude')}${looking.join('')}${sync}`);
      try {
        await pod({}, disk);
      } finally {
        disk.stop();
      }
      expect([...started]).toEqual([...(before === '' ? [] : [before]), world.read(UNIT)]);
    },
  );

  test('a node without the program that tells systemd has it at its next boot', async () => {
    putProgram(world, 'systemctl', '#!/bin/sh\necho systemctl: not found >&2\nexit 127\n');
    for (const BOOT_WHILE_DARK of ['yes', 'no']) {
      const run = await pod({ BOOT_WHILE_DARK });
      expect([run.code, said(run)]).toEqual([0, []]);
      expect(run.output).not.toContain('systemctl');
      expect(world.has(LINK)).toBe(BOOT_WHILE_DARK === 'yes');
    }
  });

  test('what a power cut has left half written is gone where it is not wanted, that of earlier versions too', async () => {
    for (const name of [
      'kins-test.service.new',
      '.kins-test.service.new',
      'kins-test2.service',
      'kins-test2.service.new',
    ])
      world.write(`${UNITS}/${name}`, '[Unit]\n');
    await pod({ BOOT_WHILE_DARK: 'no' });
    expect(Object.keys(world.tree(UNITS))).toEqual(['kins-test2.service', 'kins-test2.service.new']);
  });

  describe('links of the node are links of the node, not of the pod', () => {
    /** A path that the node has, and the pod has something else at: what the pod has is of the test. */
    const ofBoth = (name: string): { there: string; ofNode: string; ofPod: string } => {
      const [there, ofNode, ofPod] = [world.at(name), `node${world.at(name)}`, name];
      world.folder(ofNode);
      world.folder(ofPod);
      return { there, ofNode, ofPod };
    };

    test.each(['etc/systemd/system', 'etc/systemd', 'etc'])('where /%s is one', async (linked) => {
      const { there, ofNode, ofPod } = ofBoth('elsewhere');
      const units = 'etc/systemd/system'.slice(linked.length);
      // What the pod has there would be found empty.
      world.folder(`${ofPod}${units}/multi-user.target.wants`);
      const before = world.tree(ofPod);
      world.remove(`node/${linked}`);
      symlinkSync(there, world.at(`node/${linked}`));
      const services = (): string[] => Object.keys(world.tree(`${ofNode}${units}`));
      expect(said(await pod())).toEqual([]);
      const WANTS = 'multi-user.target.wants';
      expect(services()).toEqual(['kins-test.service', WANTS, `${WANTS}/kins-test.service`]);
      world.write('log', '');
      expect(said(await pod())).toEqual([]);
      expect(onNode()).toEqual([]);
      expect(said(await pod({ BOOT_WHILE_DARK: 'no' }))).toEqual([]);
      expect(services()).toEqual([]);
      expect(world.tree(ofPod)).toEqual(before);
    });

    test('where the folder is one of what is started at boot', async () => {
      const { there, ofNode, ofPod } = ofBoth('wants');
      symlinkSync(there, world.at(`${UNITS}/multi-user.target.wants`));
      expect(said(await pod())).toEqual([]);
      expect(lstatSync(world.at(`${ofNode}/kins-test.service`)).isSymbolicLink()).toBe(true);
      expect(said(await pod({ BOOT_WHILE_DARK: 'no' }))).toEqual([]);
      expect([world.tree(ofNode), world.tree(ofPod)]).toEqual([{}, {}]);
      // Somebody else's.
      expect(lstatSync(world.at(`${UNITS}/multi-user.target.wants`)).isSymbolicLink()).toBe(true);
    });

    test.each([UNIT, `${UNIT}.new`])('where somebody has put one in the place of a file: %s', async (path) => {
      await pod();
      const before = told();
      const ofPod = { folder: null, other: 'of the pod\n', same: world.read(UNIT) };
      world.folder('pods/folder');
      world.write('pods/other', ofPod.other);
      world.write('pods/same', ofPod.same);
      for (const name of Object.keys(ofPod)) {
        world.remove(UNIT);
        symlinkSync(world.at(`pods/${name}`), world.at(path));
        expect(said(await pod())).toEqual([]);
        expect([told(), lstatSync(world.at(UNIT)).isFile()]).toEqual([before, true]);
        expect(world.tree('pods')).toEqual(ofPod);
      }
    });

    test('where they lead in a circle, the service cannot be written', async () => {
      world.remove('node/etc/systemd/system');
      symlinkSync('/etc/systemd/system', world.at('node/etc/systemd/system'));
      const run = await pod();
      expect(run.code).toBe(0);
      expect(said(run)).toEqual([expect.stringMatching(/^cri: could not write the service kins-test\.service to /)]);
    });
  });

  const cutAnywhere = async (more: Readonly<Record<string, string>>): Promise<unknown> => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'cri.sh',
      prepare: (machine) => {
        prepareCri(machine);
        for (const name of ['containerd', 'ctr']) putProgram(machine, name, '#!/bin/sh\n');
        happens(machine, {});
        machine.write('moments.sh', `sleep() { /bin/sleep "$1"; if [ "$1" = 0.1 ]; then ${END}; fi; }\n`);
        if (more.BOOT_WHILE_DARK === 'no') {
          machine.write(UNIT, 'of before\n');
          machine.write(LINK, 'of before\n');
          for (const name of ['start', 'hosts', 'address', 'seen', 'cri.release'])
            machine.write(`lib/standby/${name}`, 'of before\n');
        }
      },
      env: (machine) => criEnvironment(machine, more),
      restart: (machine) => {
        machine.remove('run');
        machine.folder('run');
        machine.write('mounts', '/sys/fs/cgroup\n');
      },
      outcome: told,
    });
    expect(cuts).toBeGreaterThan(0);
    return calm;
  };

  test('is there in the end wherever the power is cut meanwhile', async () => {
    expect(await cutAnywhere({})).toMatchObject({ link: '../kins-test.service' });
  });

  test('is gone in the end, where it is not wanted, wherever the power is cut meanwhile', async () => {
    const { etc } = (await cutAnywhere({ BOOT_WHILE_DARK: 'no' })) as { etc: Record<string, string | null> };
    expect(Object.keys(etc).filter((path) => path.includes('kins'))).toEqual([]);
  });

  test('where nodes are not to start the unit, nothing of it stays, and nothing is done where nothing is', async () => {
    await pod();
    world.write('log', '');
    expect(said(await pod({ BOOT_WHILE_DARK: 'no' }))).toEqual([]);
    expect(world.has(UNIT) || world.has(LINK)).toBe(false);
    // Only what keeps two parts from copying at once.
    expect(told()).toMatchObject({ standby: [['copying', '']] });
    expect(onNode()).toEqual(RELOAD);
    world.write('log', '');
    await pod({ BOOT_WHILE_DARK: 'no' });
    expect(onNode()).toEqual([]);
  });

  describe('a node that cannot do so has the unit all the same, and says so once', () => {
    const CALM = 'after a power cut the unit waits here until the cloud can be reached';

    /** Has a command fail that would change a file of the service; by its output, if it is only that. */
    const failsOnNode = (command: string): void => {
      const words = '$* $(readlink /proc/self/fd/3 2>/dev/null)';
      const fails = `case "${words}" in *"$WORLD/node/"*) return 1 ;; esac`;
      const body = `{ ${fails}; command ${command} "$@"; } 3>&1`;
      world.write('prelude', `${world.read('prelude')}${command}() ${body}\n`);
    };

    test('without systemd', async () => {
      world.remove('node/run/systemd');
      const run = await pod();
      expect([run.code, said(run)]).toEqual([0, [`cri: this node has no systemd: ${CALM}`]]);
      expect(told()).toMatchObject(NOTHING);
    });

    // Root may write to what is read-only by its mode: so by what comes of it.
    test.each([
      ['that can not be written to', 'mkdir'],
      ['whose disk is full', 'cat'],
      ['that takes no new names', 'mv'],
      ['that takes no links', 'ln'],
    ])('with an /etc %s', async (_, command) => {
      failsOnNode(command);
      const run = await pod();
      expect([run.code, said(run)]).toEqual([
        0,
        [`cri: could not write the service kins-test.service to /etc/systemd/system of this node: ${CALM}`],
      ]);
      expect(world.log().filter((line) => line.startsWith('systemctl'))).toEqual([]);
    });

    test('with a folder in its place', async () => {
      world.folder(UNIT);
      const run = await pod();
      expect([run.code, said(run)]).toEqual([0, [expect.stringMatching(/^cri: could not write the service /)]]);
    });

    test('and where its files cannot be seen, nothing counts as taken away', async () => {
      world.remove('node');
      const run = await pod({ BOOT_WHILE_DARK: 'no' });
      expect([run.code, said(run)]).toEqual([
        0,
        ['cri: could not remove the service kins-test.service from this node'],
      ]);
    });

    test('and one that cannot be taken away is told', async () => {
      await pod();
      failsOnNode('rm');
      const run = await pod({ BOOT_WHILE_DARK: 'no' });
      expect([run.code, said(run)]).toEqual([
        0,
        expect.arrayContaining(['cri: could not remove the service kins-test.service from this node']),
      ]);
    });
  });
});
