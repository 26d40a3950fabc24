import { LazyDisk } from '../support/lazy-disk';
import { afterPowerCut, LOSSES } from '../support/power-cut';
import { beforeFirstCut, cutStride } from '../support/sample';
import { treeId, writeTree, type Tree } from '../support/tree';
import { beforeEveryLine } from './support/every-line';
import { ALL_SHELLS, type FakeDevice, type Outcome, type RunOptions, SHELLS, TOKEN } from './support/fake-device';
import { devices } from './support/devices';

jest.setTimeout(180_000);
const newDevice = devices();
/** Runs mostly wait. */
const AT_ONCE = 6;
const SNAPSHOT = '"$EDGE_ROOT/bin/snapshot"';
/** Every how many of the disks that a cut may leave are tried. */
const STRIDE = cutStride(42);

type Run = (device: FakeDevice, options: RunOptions) => Promise<Outcome>;

/** In memory, or the test's own. */
const isElsewhere = (path: string): boolean => /^\/(run|bin|proc|looks|leaks|world\/calls)(\/|$)/.test(path);
/** What other machines know, and what dpkg syncs itself; of what programs change in the world the rest is on the disk. */
const isSure = (path: string): boolean => /^\/world(\/(?!enabled\/|masked\/|instance$)|$)/.test(path);
const LOG = '/var/lib/edge-constructs/log';

/** What a power cut at any line of a run, and of every program that it calls, may leave of the disk: each once. */
async function disksOf(device: FakeDevice, run: Run): Promise<{ readonly name: string; readonly tree: Tree }[]> {
  const found = new Map<string, { name: string; tree: Tree }>();
  let moments = 0;
  const disk = new LazyDisk(device.root, isElsewhere, {
    snapshot: () => {
      moments += 1;
      const moment = disk.moment();
      const whole = afterPowerCut(moment, 'nothing');
      for (const loss of LOSSES) {
        const left = [...afterPowerCut(moment, loss, moments)].filter(([path]) => !isSure(path) && path !== LOG);
        const tree = new Map([...[...whole].filter(([path]) => isSure(path)), ...left]);
        const id = treeId(tree);
        if (!found.has(id)) found.set(id, { name: `moment ${moments}, lost: ${loss}`, tree });
      }
    },
  });
  const { code, output } = await run(device, { disk, change: (text) => beforeEveryLine(text, SNAPSHOT) });
  disk.stop();
  expect({ code, output }).toEqual({ code: 0, output });
  return [...found.values()];
}

/** A device with this disk that has just been switched on: what was in memory is gone, and enabled services start. */
async function switchOn(disk: Tree): Promise<FakeDevice> {
  const device = newDevice();
  writeTree(device.root, disk, isElsewhere);
  for (const unit of ['bootstrap', 'setup', 'kubelet-healthcheck', 'kubelet']) device.remove(`/world/active/${unit}`);
  const start =
    'for unit in bootstrap kubelet kubelet-healthcheck; do systemctl is-enabled $unit && systemctl restart $unit && systemctl start $unit; done >/dev/null\n';
  await device.run(start);
  return device;
}

/**
 * When a service was started is not what a run should bring about. KKP's kubelet writes its backup of fstab anew at each
 * start.
 */
const comparable = (device: FakeDevice): Record<string, string> =>
  Object.fromEntries(
    Object.entries(device.state()).filter(([path]) => !/^\/(world\/active\/bootstrap|etc\/fstab\.orig)$/.test(path)),
  );

const provision: Run = (device, options) => device.provision(options);
const decommission: Run = (device, options) => device.decommission(options);

test.each([
  ['provisioning', provision, () => Promise.resolve()],
  ['decommissioning', decommission, (device: FakeDevice) => device.provision()],
])('%s that is cut off anywhere comes to the same end when it is run again', async (_, run, prepare) => {
  const whole = newDevice();
  await prepare(whole);
  const disks = await disksOf(whole, run);
  const wanted = comparable(whole);
  // Fewer would mean that the lines are no longer found, or that nothing is lost.
  expect(disks.length).toBeGreaterThan(30);
  const first = beforeFirstCut(Math.min(STRIDE, disks.length));
  const tried = disks.filter((__, index) => index % STRIDE === first);
  expect(tried).not.toEqual([]);
  const failures: unknown[] = [];
  const check = async ({ name, tree }: (typeof disks)[number], index: number): Promise<void> => {
    const device = await switchOn(tree);
    // The shell that devices have each time, the other one now and then: it takes part in every test of its own.
    const { code, output } = await run(device, { shell: ALL_SHELLS[index % 5 === 4 ? 1 : 0] });
    try {
      const outcome = { name, failed: code === 0 ? '' : output, state: comparable(device) };
      expect(outcome).toEqual({ name, failed: '', state: wanted });
    } catch (error) {
      failures.push(error);
    }
    device.destroy();
  };
  for (let at = 0; at < tried.length; at += AT_ONCE) {
    await Promise.all(tried.slice(at, at + AT_ONCE).map((disk, index) => check(disk, at + index)));
  }
  if (failures.length > 0) throw failures[0];
});

test.each(SHELLS)('at no line of a run is there a file of its own with the token (%s)', async (shell) => {
  const device = newDevice();
  const own = '"$EDGE_ROOT/run" "$EDGE_ROOT/var/lib/edge-constructs"';
  const look = `{ echo looked >>"$EDGE_ROOT/looks"; grep -rlF '${TOKEN}' ${own} >>"$EDGE_ROOT/leaks" 2>/dev/null; }`;
  const { code } = await device.provision({ shell, change: (text) => beforeEveryLine(text, look) });
  expect(code).toBe(0);
  expect(device.read('/looks').split('\n').length).toBeGreaterThan(150);
  expect(device.read('/leaks')).toBe('');
});
