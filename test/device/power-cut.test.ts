import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEveryLine } from './support/every-line';
import { type FakeDevice, type Outcome, type RunOptions, SHELLS, TOKEN } from './support/fake-device';
import { devices } from './support/devices';

jest.setTimeout(180_000);
const newDevice = devices();
/** Runs mostly wait. */
const AT_ONCE = 6;
const SNAPSHOT = '"$EDGE_ROOT/bin/snapshot"';

type Run = (device: FakeDevice, options: RunOptions) => Promise<Outcome>;

/** The disk of a device at every line of a run, and of every program that it calls: each different state once. */
async function disksOf(device: FakeDevice, run: Run): Promise<string[]> {
  const folder = join(device.root, 'snapshots');
  mkdirSync(folder);
  const { code } = await run(device, { change: (text) => beforeEveryLine(text, SNAPSHOT) });
  expect(code).toBe(0);
  return readdirSync(folder).map((name) => join(folder, name));
}

/** A device with this disk that has just been switched on: what was in memory is gone, and enabled services start. */
async function switchOn(disk: string): Promise<FakeDevice> {
  const device = newDevice();
  for (const entry of readdirSync(device.root)) {
    if (entry !== 'bin' && entry !== 'run' && entry !== 'proc') rmSync(join(device.root, entry), { recursive: true });
  }
  cpSync(disk, device.root, { recursive: true });
  device.world('server-date', new Date().toUTCString());
  for (const unit of ['bootstrap', 'setup', 'kubelet-healthcheck', 'kubelet']) device.remove(`/world/active/${unit}`);
  const start =
    'for unit in bootstrap kubelet kubelet-healthcheck; do systemctl is-enabled $unit && systemctl restart $unit && systemctl start $unit; done >/dev/null\n';
  await device.run(start);
  return device;
}

/**
 * When a service was started, and what time it is, are not what a run should bring about. KKP's kubelet writes its backup
 * of fstab anew at each start.
 */
const comparable = (device: FakeDevice): Record<string, string> =>
  Object.fromEntries(
    Object.entries(device.state()).filter(
      ([path]) => !/^\/(world\/(server-date|active\/bootstrap)|etc\/fstab\.orig)$/.test(path),
    ),
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
  const kept = Object.fromEntries(Object.entries(wanted).filter(([path]) => !path.startsWith('/snapshots')));
  // Fewer would mean that the lines are no longer found.
  expect(disks.length).toBeGreaterThan(15);
  const failures: unknown[] = [];
  const check = async (disk: string, index: number): Promise<void> => {
    const device = await switchOn(disk);
    // The shell that devices have each time, the other one now and then: it takes part in every test of its own.
    const { code, output } = await run(device, { shell: SHELLS[index % 5 === 4 ? 1 : 0] });
    try {
      expect({ code, output, state: comparable(device) }).toEqual({ code: 0, output, state: kept });
    } catch (error) {
      failures.push(error);
    }
    device.destroy();
  };
  for (let at = 0; at < disks.length; at += AT_ONCE) {
    await Promise.all(disks.slice(at, at + AT_ONCE).map((disk, index) => check(disk, at + index)));
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
