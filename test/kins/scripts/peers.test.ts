import { agentEnvironment, prepareAgent } from './support/agent';
import { inEachShell, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareAgent(world);
  nodes(['edge2', '10.216.0.2', '10.42.2.0/24'], ['edge1', '10.216.0.1', '10.42.1.0/24']);
  flannel('10.42.1.0/24 via 10.42.1.0 dev flannel.7 onlink');
});
afterEach(() => {
  world.dispose();
});

/** The nodes of the edge cluster: name, address, and the network of its pods. */
function nodes(...all: readonly (readonly [string, string, string])[]): void {
  world.write('nodes', all.map((each) => `${each.join(' ')}\n`).join(''));
}

/** Routes in the network of the unit, beside those that every node has. */
function flannel(...routes: readonly string[]): void {
  world.write('network/unit/routes/others', ['default via 169.254.64.1 dev eth0', ...routes, ''].join('\n'));
}

inEachShell((shell) => {
  /** While K3s runs there are so many rounds, and what happens before. */
  const rounds = async (last: number, moments: Readonly<Record<number, string>> = {}): Promise<Run> => {
    const cases = Object.entries(moments).map(([round, what]) => `${round}) ${what} ;;`);
    world.write('round', '0\n');
    const look = `read -r n <"$WORLD/round"; n=$((n + 1)); echo "$n" >"$WORLD/round.new"; mv "$WORLD/round.new" "$WORLD/round"; case $n in ${cases.join(' ')} esac`;
    const sleep = `sleep() { if [ "$1" = 0.1 ]; then /bin/sleep 0.1; ${look}; else "$WORLD/bin/sleep" "$@"; fi; }\n`;
    world.write('prelude', `${world.read('prelude')}${sleep}`);
    world.write('k3s-runs', `while [ "$(cat "$WORLD/round")" -lt ${last} ]; do /bin/sleep 0.05; done`);
    return world.run(shell, 'agent.sh', { env: agentEnvironment(world, { PEER_SECONDS: '0.1' }) });
  };
  const routes = (): string[] =>
    Object.values(world.tree('network/unit/routes'))
      .flatMap((text) => (text ?? '').split('\n'))
      .filter((line) => line.startsWith('10.216.'));
  const asked = (): string[] => world.log().filter((line) => / get nodes /.test(line));
  const TO_EDGE1 = '10.216.0.1/32 via 10.42.1.0 dev flannel.7 onlink src 10.216.0.2';
  const TO_EDGE3 = '10.216.0.3/32 via 10.42.3.0 dev flannel.7 onlink src 10.216.0.2';

  test('the address of another node leads through its flannel, and the own address nowhere', async () => {
    await rounds(3);
    expect(routes()).toEqual([TO_EDGE1]);
    expect(asked()[0]).toContain(
      'kubectl --kubeconfig /lib/agent/agent/k3scontroller.kubeconfig --server https://test-servers-kins:26443 ',
    );
  });

  test('a node that has no pods or no address yet is left for later', async () => {
    nodes(['edge1', '10.216.0.1', '10.42.1.0/24'], ['edge3', '10.216.0.3', ''], ['edge4', '', '10.42.4.0/24']);
    await rounds(3);
    expect(routes()).toEqual([TO_EDGE1]);
  });

  test('nodes are asked for again only when flannel leads elsewhere', async () => {
    const arrives = [
      'echo "edge3 10.216.0.3 10.42.3.0/24" >>"$WORLD/nodes"',
      'echo "10.42.3.0/24 via 10.42.3.0 dev flannel.7 onlink" >>"$WORLD/network/unit/routes/others"',
    ];
    await rounds(10, { 4: 'grep -c "get nodes" "$WORLD/log" >"$WORLD/asked"', 5: arrives.join('; ') });
    expect(world.read('asked')).toBe('1\n');
    expect(asked()).toHaveLength(2);
    expect(routes().sort()).toEqual([TO_EDGE1, TO_EDGE3]);
  });

  test('nobody is asked where flannel leads nowhere, as on a lone node', async () => {
    flannel();
    await rounds(4);
    expect([asked(), routes()]).toEqual([[], []]);
  });

  test.each([
    ['a server does not answer', 'edge-of-peers-is-down'],
    ['a route can not be set', 'routes-fail'],
  ])('where %s, things stay as they are, and it is tried again', async (_, fault) => {
    world.write('network/unit/routes/10.216.0.9_32', '10.216.0.9/32 via 10.42.9.0 dev flannel.7\n');
    world.write(fault, '');
    await rounds(8, { 3: `cp -r "$WORLD/network/unit/routes" "$WORLD/before"; rm "$WORLD/${fault}"` });
    expect(Object.keys(world.tree('before')).sort()).toEqual(['10.216.0.9_32', 'others']);
    expect(routes()).toContain(TO_EDGE1);
  });
});
