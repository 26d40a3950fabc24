import { agentEnvironment, joinedAtOtherAddress, prepareAgent } from './support/agent';
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
  describe('while K3s runs', () => {
    /** K3s that takes no notice when it is told to end for the first time, and ends by itself after a while. */
    const stubbornK3s = `
trap 'echo told to end >>"$WORLD/told"' TERM
n=0
while [ "$n" -lt 60 ] && [ "$(cat "$WORLD/told" 2>/dev/null | wc -l)" -lt 2 ]; do
  /bin/sleep 0.1
  n=$((n + 1))
done
echo "told $(cat "$WORLD/told" 2>/dev/null | wc -l) times" >>"$WORLD/log"
`;
    const replaceNetwork = 'echo new >"$KINS_RUN/net.new"; mv "$KINS_RUN/net.new" "$KINS_RUN/net"';
    const toldTimes = (): string | undefined => world.log().find((line) => line.startsWith('told'));

    test('it is told to end when the network of the unit was made anew, and told again when it goes on', async () => {
      world.write('k3s-runs', `${replaceNetwork}\n${stubbornK3s}`);
      await start({ STOP_SECONDS: '2' });
      expect(toldTimes()).toBe('told 2 times');
    });

    test('it is left alone when that was before it started', async () => {
      joinedAtOtherAddress(world);
      world.write('edge-of-kubelet-is-down', '');
      world.write('at-sleep-3', `${replaceNetwork}; rm "$WORLD/edge-of-kubelet-is-down"\n`);
      world.write('k3s-runs', stubbornK3s);
      await start({ STOP_SECONDS: '2' });
      expect(toldTimes()).toBe('told 0 times');
    });
  });

  describe('the rules of kube-proxy', () => {
    const SERVICES = 'iptables/nat/KUBE-SERVICES';
    const CANARY = 'iptables/mangle/KUBE-PROXY-CANARY';
    const TOLD = 'agent: kube-proxy has not written its rules: making it start over\n';
    const rules = 'mkdir -p "$WORLD/iptables/nat"; echo "-j KUBE-NODEPORTS" >"$WORLD/iptables/nat/KUBE-SERVICES"';
    const JUMPS = {
      INPUT: ['KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'],
      FORWARD: ['KUBE-EXTERNAL-SERVICES', 'KUBE-SERVICES', 'KUBE-FORWARD', 'KUBE-PROXY-FIREWALL'],
      OUTPUT: ['KUBE-SERVICES', 'KUBE-PROXY-FIREWALL'],
    };
    const jumps = Object.entries(JUMPS)
      .flatMap(([from, targets]) =>
        targets.map((to) => `echo "-m comment -j ${to}" >>"$WORLD/iptables/filter/${from}"`),
      )
      .join('; ');
    const without = (jump: string): string =>
      jumps
        .split('; ')
        .filter((each) => !each.includes(jump))
        .join('; ');
    const canary = 'mkdir -p "$WORLD/iptables/mangle"; : >"$WORLD/iptables/mangle/KUBE-PROXY-CANARY"';
    /** kube-proxy that looks for its canary; K3s ends a while after that is gone, or after two seconds. */
    const untilNoCanary = (then: string): string => `
n=0
while [ "$n" -lt 20 ] && [ -e "$WORLD/${CANARY}" ]; do
  /bin/sleep 0.1
  n=$((n + 1))
done
if [ "$n" -lt 20 ]; then ${then}; /bin/sleep 1; fi
`;
    beforeEach(() => {
      for (const from of Object.keys(JUMPS)) world.write(`iptables/filter/${from}`, '');
    });

    test('are left alone when they are there', async () => {
      world.write('k3s-runs', `${canary}; ${rules}; ${jumps}; ${untilNoCanary(':')}`);
      const { output } = await start();
      expect(output).not.toContain(TOLD);
      expect(world.has(CANARY)).toBe(true);
    });

    test.each([
      ['the first round failed', ':'],
      ['the table filter was written back as it was before', rules],
      [
        'one jump of those was undone',
        `${rules}; ${without('-j KUBE-PROXY-FIREWALL" >>"$WORLD/iptables/filter/OUTPUT')}`,
      ],
    ])('are asked for when %s, until they are there', async (_, left) => {
      world.write('k3s-runs', `${canary}; ${left}; ${untilNoCanary(`${canary}; ${rules}; ${jumps}`)}`);
      const { output } = await start();
      expect(output.split(TOLD)).toHaveLength(2);
      expect(world.has(CANARY)).toBe(true);
    });

    test('are asked for again as long as they are not there', async () => {
      world.write('k3s-runs', `${canary}\n${untilNoCanary(canary)}\n${untilNoCanary(`${rules}; ${jumps}`)}`);
      const { output } = await start();
      expect(output.split(TOLD)).toHaveLength(3);
    });

    test('are asked for when those that are there are of the K3s before, which still serve until then', async () => {
      world.write(SERVICES, '-j KUBE-NODEPORTS\n');
      for (const [from, targets] of Object.entries(JUMPS))
        world.write(`iptables/filter/${from}`, targets.map((to) => `-j ${to}\n`).join(''));
      world.write('k3s-runs', `${canary}; cp "$WORLD/${SERVICES}" "$WORLD/before"; ${untilNoCanary(rules)}`);
      const { output } = await start();
      expect(output.split(TOLD)).toHaveLength(2);
      expect(world.read('before')).toBe('-j KUBE-NODEPORTS\n-m comment --comment rules of an earlier K3s\n');
    });

    test("are nobody's business when kube-proxy works without iptables", async () => {
      world.write('k3s-runs', '/bin/sleep 1');
      const { output } = await start();
      expect(output).not.toContain(TOLD);
    });
  });
});
