import { cpSync } from 'node:fs';
import { criEnvironment, END, happens, prepareCri, putProgram } from './support/cri';
import { recordOf, servers } from './support/gate';
import { AFTER, BEFORE, proven } from './support/trial';
import { inEachShell, World, type Run } from './support/world';

const PART = 'lib/standby/cri';
let world: World;

const says = (version: string): string => `#!/bin/sh\necho "k3s version ${version} (abc)"\n`;

beforeEach(() => {
  world = new World();
  prepareCri(world);
  proven(world, PART, { 'containerd.toml': "bin_dirs = ['@RELEASE@/bin'] # a\n", 'cni.conflist': '{"of": "a"}\n' });
  putProgram(world, 'k3s', says(BEFORE));
  cpSync(world.at('image'), world.at('lib/releases/r1'), { recursive: true, verbatimSymlinks: true });
  putProgram(world, 'k3s', says(AFTER));
  world.write('config/containerd.toml', "bin_dirs = ['@RELEASE@/bin'] # b\n");
  world.write('config/upgrades', 'soak 1\n');
  world.write('boot-id', 'boot-1\n');
  world.write('lib/access/ca.crt', 'the CA');
  world.write('lib/access/token', 'a token');
  servers(world, AFTER);
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  /** Ends the container at so many looks at containerd, or once something is so. */
  const start = (end: Readonly<Record<number, string>> | string = { 5: END }): Promise<Run> => {
    happens(world, typeof end === 'string' ? { '*': `if ${end}; then ${END}; fi` } : end);
    return world.run(shell, 'cri.sh', {
      stopAtSleep: 2000,
      env: criEnvironment(world, {
        KINS_REVISION: 'b',
        BOOT_ID: world.at('boot-id'),
        UPTIME: '/proc/uptime',
        READY_SECONDS: '0.2',
        SOAK_SECONDS: '0.2',
        GATE_SECONDS: '1',
      }),
    });
  };
  const trial = (): string | null => (world.has(`${PART}/trial`) ? world.read(`${PART}/trial`) : null);
  /** Which release containerd was started from, and with which settings. */
  const running = (): (string | undefined)[] => {
    const [, id, settings] = /releases\/(\w+)\/bin'\] # (\w)/.exec(world.read('run/containerd.toml')) ?? [];
    return [id === 'r1' ? 'before' : 'own', settings];
  };

  test('where nobody runs containerd while the gate is shut, it is run from the release of before', async () => {
    world.write('lib/releases/hold', 'ask Ann');
    await start();
    expect([running(), trial()]).toEqual([['before', 'a'], null]);
    expect(world.read('run/cni/10-kins.conflist')).toBe('{"of": "a"}\n');
    expect(world.read('waiting/shut')).toContain(`runs ${BEFORE} instead`);
    expect(world.has(`lib/releases/r1/bin/containerd`)).toBe(true);
  });

  test('a trial begins once the gate is open, and has proven itself after containerd has answered for a while', async () => {
    const run = await start('[ -e "$WORLD/record/proven-cri" ] && [ ! -e "$WORLD/record/turn" ]');
    expect(run.output).toContain(`${AFTER} has proven itself on this node\n`);
    expect(running()).toEqual(['own', 'b']);
    expect([world.read(`${PART}/proven`), trial()]).toEqual(['b\n', null]);
    expect(world.read(`${PART}/proven-of.b/programs`)).toBe(world.read('lib/standby/cri.release'));
    expect(recordOf(world)).toEqual({ 'proven-cri': 'b' });
  });

  test('at the third start in one boot the node goes back to the containerd of before', async () => {
    world.write(`${PART}/trial`, 'b boot-1 2 began r2\n');
    await start();
    expect([running(), trial()]).toEqual([['before', 'a'], null]);
    expect(world.read(`${PART}/refused`)).toContain('ended several times before it had proven itself');
  });

  test('one that containerd does not get ready with in time is gone back from', async () => {
    world.write('config/upgrades', 'soak 1\nready 1\n');
    world.write('bin/ctr', '#!/bin/sh\nexit 1\n');
    const { code } = await start({ 400: END });
    expect(code).not.toBeNull();
    expect(trial()).toMatch(/^b failed 1 began /);
    expect(world.read(`${PART}/refused`)).toBe(`b ${AFTER} did not get ready within 1 s\n`);
  });
});
