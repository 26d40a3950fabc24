import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeDevice } from './support/fake-device';
import { kkpScript, SHELLS, TOKEN } from './support/fake-device';
import { devices, provisionedDevices } from './support/devices';

jest.setTimeout(60_000);
const newDevice = devices();
const provisioned = provisionedDevices();

/** Sends a signal to the run that is at work, whose number may just be written. */
const send = (device: FakeDevice, signal: string): string =>
  `until read -r pid _ <"${device.root}/run/edge-constructs/status"; do :; done; kill -s ${signal} "$pid"\n`;

describe.each(SHELLS)('in %s', (shell) => {
  test.each([
    ['TERM', 143],
    ['INT', 130],
  ])('SIG%s ends a provisioning with what it has started, and the next run goes on', async (signal, expected) => {
    const device = newDevice();
    const script = `${send(device, signal)}sleep 3\ntouch "${device.root}/world/went-on"\n`;
    const { code, output } = await device.run(device.supervisor({}, `${kkpScript(device.root)}${script}`), { shell });
    expect({ code, output }).toEqual({
      code: expected,
      output: expect.stringMatching(/stopped in step \w+; run it again to go on\n$/) as string,
    });
    expect(device.has('/run/edge-constructs/ca.crt')).toBe(false);
    expect(device.has('/world/went-on')).toBe(false);
    expect(await device.provision({ shell })).toMatchObject({ code: 0 });
    expect(device.has('/world/went-on')).toBe(false);
  });

  test.each(['HUP', 'PIPE'])('SIG%s, as of a connection that is lost, ends no provisioning', async (signal) => {
    const device = newDevice();
    const { code, output } = await device.run(device.supervisor({}, `${send(device, signal)}${kkpScript(device.root)}`), { shell });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('node edge1 is Ready') as string });
  }); // prettier-ignore

  test.each([
    ['TERM', 143],
    ['INT', 130],
    ['HUP', 0],
    ['PIPE', 0],
  ])('SIG%s during a decommissioning: it ends with code %i', async (signal, expected) => {
    const device = provisioned();
    device.write('/opt/bin/crictl', `#!/bin/sh\n${send(device, signal)}`);
    chmodSync(join(device.root, 'opt/bin/crictl'), 0o755);
    const { code, output } = await device.decommission({ shell });
    const told =
      expected === 0 ? 'nothing of machine edge1 is left' : 'stopped in step stop_pods; run it again to go on\n';
    expect(code).toBe(expected);
    // The time limits of busybox are functions here, in whose midst a signal finds no output.
    if (shell === 'dash') expect(output).toContain(told);
    expect(existsSync(join(device.root, 'opt/bin/kubelet'))).toBe(expected !== 0);
    device.remove('/opt/bin/crictl');
    expect(await device.decommission({ shell })).toMatchObject({ code: 0 });
  });

  test('who waits too long for another run says so, with what that one is at', async () => {
    const device = newDevice();
    const slow = `${kkpScript(device.root)}sleep 4\n`;
    const first = device.run(device.supervisor({}, slow), { shell });
    const status = '/run/edge-constructs/status';
    while (!device.has(status) || !/ (boot|set)\w+\n/.test(device.read(status))) {
      await new Promise((done) => setTimeout(done, 50));
    }
    const { code, output } = await device.provision({ shell, lockTimeout: '1s' });
    expect(output).toMatch(
      /waiting for another run on this device \(process \d+, step \w+\)\n(.*\n)*.*failed: another run is still in progress after 1 s \(process \d+, step \w+\)\n/,
    );
    expect(output.match(/waiting for another run/g)).toHaveLength(1);
    expect(code).toBe(75);
    // What the first holds in memory is left to it.
    expect((await first).code).toBe(0);
  });
});

test('a node that gets Ready while it is waited for is nothing to do', async () => {
  const device = provisioned();
  device.world('ready', 'Unknown');
  const run = device.provision({ repeatTimeout: '20s' });
  while (!device.read('/var/lib/edge-constructs/log').includes('NotReady')) await new Promise((done) => setTimeout(done, 50));
  device.world('ready', 'True');
  const { code, output } = await run;
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/node edge1 is Ready: nothing to do\n$/) as string });
  expect(device.calls()).not.toContain('cloud-init');
}); // prettier-ignore

test('nothing of a decommissioning is left in memory but the lock', async () => {
  const device = provisioned();
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(readdirSync(join(device.root, 'run/edge-constructs'))).toEqual(['lock']);
});

test('a kubelet that cannot be kept from starting is stopped all the same', async () => {
  const device = provisioned();
  device.world('disable-fails', '');
  expect(await device.decommission()).toMatchObject({ code: 0 });
  for (const unit of ['kubelet', 'kubelet-healthcheck']) expect(device.has(`/world/active/${unit}`)).toBe(false);
});

test("the owner's files stay readable for all, whatever the mask of the one who logs in", async () => {
  const change = (text: string): string => `umask 077\n${text}`;
  const mode = (path: string): string => (statSync(join(device.root, path)).mode & 0o777).toString(8);
  const device = provisioned();
  for (const file of ['fstab', 'environment', 'hostname']) device.write(`/etc/${file}`, '');
  device.write('/var/lib/edge-constructs/begun', 'edge1\n');
  device.remove('/var/lib/edge-constructs/provisioned');
  device.remove('/var/lib/edge-constructs/installed');
  const { code, output } = await device.provision({ change });
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringContaining('put back /etc/fstab, which was empty') as string,
  });
  expect(mode('etc/environment')).toBe('644');
  device.write('/etc/environment', `${device.read('/etc/environment')}HTTP_PROXY=http://p\n`);
  expect(await device.decommission({ change })).toMatchObject({ code: 0 });
  expect(device.read('/etc/fstab')).toContain('swap');
  expect(['etc/environment', 'etc/fstab'].map(mode)).toEqual(['644', '644']);
});

test('a device that was provisioned by hand is cleaned, without what only its record could tell', async () => {
  const device = provisioned();
  device.remove('/var/lib/edge-constructs');
  const [fstab, packages] = [device.read('/etc/fstab'), device.read('/world/packages')];
  const { code, output } = await device.decommission();
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringContaining('nothing of machine edge1 is left') as string,
  });
  expect(device.has('/var/lib/kubelet') || device.has('/etc/machine-name')).toBe(false);
  expect([device.read('/etc/fstab'), device.read('/world/packages')]).toEqual([fstab, packages]);
});

test('a device whose owner has removed /etc/environment is cleaned all the same', async () => {
  const device = provisioned();
  device.remove('/etc/environment');
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(device.has('/etc/environment')).toBe(false);
});

test('only root can take a machine off', async () => {
  const device = provisioned();
  device.world('uid', '1000');
  const before = device.state();
  expect(await device.decommission()).toMatchObject({
    code: 65,
    output: expect.stringContaining('failed: this is user somebody, or /run is on a disk') as string,
  });
  expect(device.state()).toEqual(before);
});

test('the log is put aside when it has grown, and only one is kept', async () => {
  const device = provisioned();
  const log = '/var/lib/edge-constructs/log';
  const old = `${'x'.repeat(262_144)}\n`;
  device.write(log, old);
  device.write(`${log}.1`, 'older\n');
  await device.provision();
  expect(device.read(`${log}.1`)).toBe(old);
  expect(device.read(log).length).toBeLessThan(10_000);
  device.write(log, 'y'.repeat(262_144));
  await device.provision();
  expect(device.read(`${log}.1`)).toBe(old);
  expect(device.read(log)).toContain('y'.repeat(100));
  expect(device.read(log)).not.toContain(TOKEN);
});
