import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { criEnvironment, END, happens, prepareCri, putProgram } from './support/cri';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

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

const NOTHING = { etc: { systemd: null, 'systemd/system': null }, link: false };

inEachShell((shell) => {
  const pod = async (more: Readonly<Record<string, string>> = {}): Promise<Run> => {
    happens(world, { 1: END });
    return world.run(shell, 'cri.sh', { env: criEnvironment(world, more) });
  };
  const onNode = (): string[] => world.log().filter((line) => /^(on the node|systemctl)/.test(line));
  /** What it says beside the copying of programs. */
  const said = ({ output }: Run): string[] =>
    output.split('\n').filter((line) => line.startsWith('cri: ') && !line.startsWith('cri: copying'));

  test('a node starts the unit at each boot, by a shell of its own and a file of the unit', async () => {
    const run = await pod();
    expect([run.code, said(run)]).toEqual([0, []]);
    expect(onNode()).toEqual(['on the node: test', 'on the node: sh', 'systemctl daemon-reload']);
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
    expect(onNode()).toEqual(['on the node: test', 'on the node: sh']);
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
    expect(onNode()).toEqual(['on the node: sh', 'systemctl daemon-reload']);
    world.write('log', '');
    await pod({ BOOT_WHILE_DARK: 'no' });
    expect(onNode()).toEqual(['on the node: sh']);
  });

  describe('a node that cannot do so has the unit all the same, and says so once', () => {
    const CALM = 'after a power cut the unit waits here until the cloud can be reached';

    const withoutOnNode = (command: string): void => {
      const failing = `exec /bin/sh -c "${command}() { return 1; }\n$program" "$@"`;
      const shellOfImage = `#!/bin/sh
case $* in *daemon-reload*) program=$2 && shift 2 && ${failing} ;; esac
exec /bin/sh "$@"
`;
      putProgram(world, 'sh', shellOfImage);
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
      ['whose disk is full', 'printf'],
      ['that takes no new names', 'mv'],
      ['that takes no links', 'ln'],
    ])('with an /etc %s', async (_, command) => {
      withoutOnNode(command);
      const run = await pod();
      expect([run.code, said(run)]).toEqual([
        0,
        [`cri: could not write the service kins-test.service to /etc/systemd/system of this node: ${CALM}`],
      ]);
      expect(world.log().filter((line) => line.startsWith('systemctl'))).toEqual([]);
    });

    test('and one that cannot be taken away is told', async () => {
      await pod();
      withoutOnNode('rm');
      const run = await pod({ BOOT_WHILE_DARK: 'no' });
      expect([run.code, said(run)]).toEqual([
        0,
        expect.arrayContaining(['cri: could not remove the service kins-test.service from this node']),
      ]);
    });
  });
});
