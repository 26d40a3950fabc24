import { agentEnvironment, prepareAgent } from './support/agent';
import { inEachShell, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareAgent(world);
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'agent.sh', { env: agentEnvironment(world, more) });
  test('images from the node are imported once, pinned, and again when they were replaced', async () => {
    world.write('images/a.tar', 'one');
    for (const name of ['notes.txt', 'a.tar.sha256', 'b.tar.part', 'c.tar.gz.part', 'd.tar.tmp', '.e.tar']) {
      world.write(`images/${name}`, '');
    }
    const imports = (): string[] => world.log().filter((line) => line.includes(' images import '));
    await start();
    await start();
    expect(imports()).toEqual([
      'ctr --address /run/containerd.sock --namespace k8s.io images import --label io.cri-containerd.pinned=pinned /images/a.tar',
    ]);
    world.write('images/a.tar', 'another');
    await start();
    expect(imports()).toHaveLength(2);
  });

  test('images are taken from every kind of archive that containerd takes, and of others it is said', async () => {
    for (const name of ['a.tar', 'b.tar.gz', 'c.tgz', 'd.tar.zst', 'e.tar.bz2']) world.write(`images/${name}`, '');
    const { output } = await start();
    expect(world.log().flatMap((line) => /images import .* \/images\/(.*)$/.exec(line)?.[1] ?? [])).toEqual([
      'a.tar',
      'b.tar.gz',
      'c.tgz',
      'd.tar.zst',
    ]);
    expect(output).toContain("agent: can't import e.tar.bz2: containerd accepts .tar, .tar.gz, .tgz and .tar.zst\n");
  });

  test('an archive counts as imported when the images are on the disk', async () => {
    world.write('images/a.tar', 'one');
    world.write('prelude', `${world.read('prelude')}mkdir() { echo "mkdir $*" >>"$WORLD/log"; command mkdir "$@"; }\n`);
    await start();
    const order = world.log().filter((line) => /^sync|^mkdir .*imported-archives|images import/.test(line));
    // Those after that keep the programs of the release.
    expect(order.map((line) => line.split(' ')[0])).toEqual(['ctr', 'sync', 'mkdir', 'sync', 'sync']);
  });

  test('an archive that is taken away meanwhile stops nothing', async () => {
    world.write('images/a.tar', 'one');
    world.write(
      'prelude',
      `${world.read('prelude')}stat() { case $* in *'%s %Y'*) return 1 ;; esac; command stat "$@"; }\n`,
    );
    expect((await start()).code).toBe(0);
  });
});
