import { chmodSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { devices, provisionedDevices } from './support/devices';
import type { FakeDevice } from './support/fake-device';

jest.setTimeout(60_000);
const newDevice = devices();
const provisioned = provisionedDevices();

test('a kubelet whose folder led to a partition that has gone holds nothing up', async () => {
  const device = provisioned();
  device.remove('/var/lib/kubelet');
  symlinkSync(join(device.root, 'data/gone/kubelet'), join(device.root, 'var/lib/kubelet'));
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(readdirSync(join(device.root, 'var/lib'))).not.toContain('kubelet');
});

test('all pods end, and what has been removed takes effect', async () => {
  const device = provisioned();
  device.write('/opt/bin/crictl', '#!/bin/sh\necho "crictl $*" >>"$EDGE_ROOT/world/calls"\nexit 1\n');
  chmodSync(join(device.root, 'opt/bin/crictl'), 0o755);
  expect(await device.decommission()).toMatchObject({ code: 0 });
  const calls = device.calls().split('\n');
  for (const call of [
    'crictl rmp --all --force',
    'systemctl kill --signal=KILL kubepods.slice',
    'systemctl disable --now containerd.service',
    'apt-mark unhold containerd.io',
    'swapon --all',
    'systemctl daemon-reload',
    'sysctl --system',
    'update-grub ',
  ]) {
    expect(calls).toContain(call);
  }
});

test('a device that had no swap is not told to use any, and its list of file systems stays as it is', async () => {
  const device = newDevice();
  device.write('/etc/fstab', '/dev/sda1 / ext4 defaults 0 1\n');
  expect(await device.provision()).toMatchObject({ code: 0 });
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(device.calls()).not.toContain('swapon --all');
  expect(device.read('/etc/fstab')).toBe('/dev/sda1 / ext4 defaults 0 1\n');
});

test('what does not take effect before a restart is no failure, but a package that is still held is', async () => {
  const device = provisioned();
  for (const program of ['swapon', 'sysctl', 'update-grub']) device.world(`fail/${program}`, '1');
  expect(await device.decommission()).toMatchObject({ code: 0 });

  const other = provisioned();
  other.world('fail/apt-mark', '1');
  expect(await other.decommission()).toMatchObject({ code: 70 });
  expect(other.read('/world/packages')).toContain('containerd.io');
});

test('swap is used again once the list of file systems has it', async () => {
  const device = provisioned();
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(device.calls()).toContain('swap on: /swap.img none swap');
});

test('a firewall or a cloud-init that cannot be enabled again is a failure', async () => {
  for (const service of ['ufw', 'cloud-init']) {
    const device = newDevice();
    device.world(`enabled/${service}`, '');
    expect(await device.provision()).toMatchObject({ code: 0 });
    device.world('enable-fails', '');
    expect(await device.decommission()).toMatchObject({ code: 70 });
  }
});

test('a link of pods that goes by itself meanwhile is no failure', async () => {
  const device = provisioned();
  device.world('links', '3: cni0: <UP>\n');
  device.world('links-stay', '');
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(device.calls()).toContain('ip link delete cni0\n');
});

test('a container runtime that was there before goes on', async () => {
  const device = newDevice();
  device.world('packages', 'bash\ncontainerd.io\ncurl\n');
  expect(await device.provision()).toMatchObject({ code: 0 });
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(device.calls()).not.toContain('systemctl disable --now containerd.service');
  expect(device.read('/world/packages')).toBe('bash\ncontainerd.io\ncurl\n');
});

/** A device that was provisioned and decommissioned. */
async function provisionedAndBack(prepare: (device: FakeDevice) => void): Promise<FakeDevice> {
  const device = newDevice();
  prepare(device);
  expect(await device.provision()).toMatchObject({ code: 0 });
  expect(await device.decommission()).toMatchObject({ code: 0 });
  return device;
}
const firewall = (device: FakeDevice): Record<string, boolean> =>
  Object.fromEntries(['masked', 'enabled', 'active'].map((state) => [state, device.has(`/world/${state}/ufw`)]));

test.each([
  [{ masked: true, enabled: false, active: false }],
  [{ masked: false, enabled: false, active: false }],
  [{ masked: false, enabled: true, active: false }],
  [{ masked: false, enabled: false, active: true }],
  [{ masked: false, enabled: true, active: true }],
])('a firewall that was %j is so again', async (before) => {
  const device = await provisionedAndBack((fresh) => {
    for (const [state, is] of Object.entries(before)) {
      if (is) fresh.world(`${state}/ufw`, '');
      else fresh.remove(`/world/${state}/ufw`);
    }
  });
  expect(firewall(device)).toEqual(before);
});

test('a cloud-init that was turned off stays so', async () => {
  const device = await provisionedAndBack((fresh) => {
    fresh.remove('/world/enabled/cloud-init');
  });
  expect(device.has('/world/enabled/cloud-init')).toBe(false);
});

test('a host name that the owner has changed since is kept', async () => {
  const device = provisioned();
  device.write('/etc/hostname', 'mine\n');
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(device.read('/etc/hostname')).toBe('mine\n');
});

test('when the host name cannot be set, the record of what was before stays for the next run', async () => {
  const device = provisioned();
  device.world('fail/hostnamectl', '1');
  expect(await device.decommission()).toMatchObject({ code: 70 });
  expect(device.has('/var/lib/edge-constructs/before/packages')).toBe(true);
  device.remove('/world/fail/hostnamectl');
  expect(await device.decommission()).toMatchObject({ code: 0 });
  expect(device.read('/etc/hostname')).toBe('factory\n');
});
