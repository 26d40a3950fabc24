import { criEnvironment, prepareCri } from './support/cri';
import { inEachShell, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareCri(world);
  // Volumes of the pod.
  for (const folder of ['lib/standby', 'lib/releases', 'staged']) world.folder(folder);
});
afterEach(() => {
  world.dispose();
});

/** What the kubelet does once the pod has nothing more to do, and what happens before it tries again. */
function happens(world: World, { whenDone = 'command kill -TERM $$', beforeRetry = 'true' } = {}): void {
  const sleep = `sleep() { case $1 in 3600) ${whenDone} ;; *) ${beforeRetry} ;; esac; /bin/sleep 0.1; }`;
  world.write('prelude', `${world.read('prelude')}${sleep}\n`);
}

inEachShell((shell) => {
  const prepull = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'prepull.sh', {
      env: criEnvironment(world, { KINS_STAGED: world.at('staged/staged'), KINS_RELEASE: 'r2', ...more }),
    });
  const copying = (): string => `prepull: copying the programs of this release to ${world.at('lib/releases/r2')}\n`;
  const done = (): string => `prepull: the programs of the next release are in ${world.at('lib/releases/r2')}\n`;

  describe('the next release', () => {
    test('is copied to the node beside the present one, noted, and the pod is ready then', async () => {
      world.write('lib/releases/r1/bin/k3s', 'present');
      happens(world, {
        whenDone: 'cp -R "$WORLD/lib" "$WORLD/seen"; cp -R "$WORLD/staged" "$WORLD/ready"; command kill -TERM $$',
      });
      expect(await prepull()).toMatchObject({ code: 0, output: copying() + done() });
      expect(world.tree('seen/releases/r2/bin')).toEqual(world.tree('image/bin'));
      expect(world.read('seen/standby/next.release')).toBe('r2\n');
      expect(world.has('ready/staged')).toBe(true);
      expect(world.read('lib/releases/r1/bin/k3s')).toBe('present');
    });

    test('is kept no longer than its pod: the note goes with it, the notes of others stay', async () => {
      world.write('lib/standby/cri.release', 'r1\n');
      happens(world);
      expect((await prepull()).code).toBe(0);
      expect([world.has('lib/standby/next.release'), world.read('lib/standby/cri.release')]).toEqual([false, 'r1\n']);
    });

    test('is not copied again where it is', async () => {
      world.write('lib/releases/r2/bin/k3s', 'next');
      happens(world);
      expect(await prepull()).toMatchObject({ code: 0, output: done() });
    });

    test('is tried again when the disk is full, and until then the pod is not ready', async () => {
      world.write('full', '');
      world.write('staged/staged', 'of the container before');
      world.write('prelude', `${world.read('prelude')}cp() { [ ! -e "$WORLD/full" ] && command cp "$@"; }\n`);
      happens(world, { beforeRetry: '[ ! -e "$WORLD/staged/staged" ] && rm -f "$WORLD/full"' });
      const { code, output } = await prepull();
      expect(code).toBe(0);
      expect(output).toBe(
        `${copying()}prepull: could not copy the programs of the next release to ${world.at('lib/releases')}: look at the disk; trying again\n` +
          copying() +
          done(),
      );
      expect(world.has('lib/releases/.new')).toBe(false);
    });

    test('is copied again if it was removed before it was noted', async () => {
      happens(world);
      world.write('lib/releases/r2/bin/k3s', 'next');
      world.write(
        'prelude',
        `${world.read('prelude')}mv() { command mv "$@"; case $* in *next.release) rm -r "$WORLD/lib/releases/r2" ;; esac; }\n`,
      );
      expect(await prepull()).toMatchObject({ code: 0, output: copying() + done() });
      expect(world.tree('lib/releases/r2/bin')).toEqual(world.tree('image/bin'));
    });

    test('a pod that is ended while it waits to try again ends at once', async () => {
      world.write('prelude', `${world.read('prelude')}cp() { return 1; }\n`);
      happens(world, { beforeRetry: 'command kill -TERM $$' });
      expect((await prepull()).code).toBe(0);
    });
  });
});
