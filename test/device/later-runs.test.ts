import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { devices, provisionedDevices } from './support/devices';
import { kkpScript, NAME } from './support/fake-device';

jest.setTimeout(60_000);
const newDevice = devices();
const provisioned = provisionedDevices();
const STATE = '/var/lib/edge-constructs';
const NOTHING_TO_DO = `node ${NAME} is Ready: nothing to do\n`;

test('a Ready node that was provisioned by hand is taken over as it is, and known from then on', async () => {
  const device = provisioned();
  device.remove(STATE);
  const { code, output } = await device.provision();
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(NOTHING_TO_DO) as string });
  expect(device.calls()).not.toContain('cloud-init');
  expect([`${STATE}/provisioned`, `${STATE}/begun`].map((path) => device.read(path))).toEqual(['edge1\n', 'edge1\n']);
});

test('a node that the cluster still calls Ready is not, when its kubelet does not run', async () => {
  const device = provisioned();
  device.remove('/world/active/kubelet');
  const { code, output } = await device.provision();
  expect({ code, output }).toEqual({
    code: 69,
    output: expect.stringContaining('failed: the kubelet is not running') as string,
  });
  expect(output).not.toContain('nothing to do');
});

test('a Ready node is done at once, and no run has to wait for it', async () => {
  const { output } = await provisioned().provision();
  expect(output).toBe(`edge1: ${NOTHING_TO_DO}`);
});

test('where only the node was not Ready, the next run waits for it and does not start the script again', async () => {
  const device = newDevice();
  device.world('ready', 'False');
  expect(await device.provision()).toMatchObject({ code: 69 });
  device.calls();
  const { code, output } = await device.provision();
  expect({ code, output }).toEqual({
    code: 69,
    output: expect.stringContaining('failed: node edge1 is registered, but not Ready') as string,
  });
  expect(device.calls()).not.toMatch(/^(cloud-init|apt-get)/m);
  device.world('ready', 'True');
  expect(await device.provision()).toMatchObject({ code: 0 });
  expect(device.read(`${STATE}/provisioned`)).toBe('edge1\n');
});

test('before a rebuild the kubelet is stopped, and what it joined with and what was noted is gone', async () => {
  const device = provisioned();
  const paths = [
    '/var/lib/kubelet/kubeconfig',
    '/etc/kubernetes/pki/kubelet-client-current.pem',
    `${STATE}/provisioned`,
    `${STATE}/installed`,
  ];
  expect(paths.map((path) => device.has(path))).toEqual([true, true, true, true]);
  const look = paths.map((path) => `ls "${device.root}${path}" >>"${device.root}/world/left" 2>/dev/null\n`).join('');
  const running = `ls "${device.root}/world/active" >>"${device.root}/world/left"\n`;
  const program = device.supervisor({ rebuild: 'second' }, `${look}${running}${kkpScript(device.root)}`);
  expect(await device.run(program)).toMatchObject({ code: 0 });
  expect(device.read('/world/left')).not.toMatch(/kube|provisioned|installed/);
});

test('a script that takes its time before it fetches anything is not taken for one that fetched garbage', async () => {
  const device = newDevice();
  const program = device.supervisor({}, `/bin/sleep 1.6\n${kkpScript(device.root)}`);
  expect(await device.run(program)).toMatchObject({ code: 0 });
});

test('the log on the device is in universal time, wherever the device is', async () => {
  const device = newDevice();
  const elsewhere = (program: string): string => `TZ=Elsewhere-9\nexport TZ\n${program}`;
  expect(await device.provision({ change: elsewhere })).toMatchObject({ code: 0 });
  const [first = ''] = device.read(`${STATE}/log`).split(' ');
  expect(Math.abs(Date.parse(first) - Date.now())).toBeLessThan(3_600_000);
});

test('a rebuild of a device that never joined ends well, and is noted', async () => {
  const device = provisioned();
  for (const path of ['/var/lib/kubelet/kubeconfig', '/etc/kubernetes/pki', '/etc/kubernetes/bootstrap-kubelet.conf']) {
    device.remove(path);
  }
  expect(await device.provision({ rebuild: 'second' })).toMatchObject({ code: 0 });
  expect(device.read(`${STATE}/provisioned`)).toBe('edge1 second\n');
});

test('a node that has been deleted: its token is asked for at most every 15 s, and an unchanged one starts nothing', async () => {
  const device = provisioned();
  device.remove('/world/node');
  device.takeTime(6);
  const { code, output } = await device.provision({ repeatTimeout: '17s' });
  expect({ code, output }).toEqual({
    code: 69,
    output: expect.stringContaining('failed: the kubelet is running, but has not registered node edge1') as string,
  });
  expect(output).not.toContain('has been renewed');
  const calls = device.calls();
  expect(calls.match(/nodes\/edge1/g)?.length).toBeGreaterThan(2);
  expect(calls.match(/secrets\/kube-system-edge1-kubelet-bootstrap-config/g)).toHaveLength(1);
  expect(calls).not.toContain('systemctl restart');
});

test('services that a power cut has left disabled start with the device again', async () => {
  const device = provisioned();
  device.remove(`${STATE}/provisioned`);
  for (const unit of ['kubelet', 'kubelet-healthcheck']) device.remove(`/world/enabled/${unit}`);
  device.world('enabled/setup', '');
  expect(await device.provision()).toMatchObject({ code: 0 });
  const enabled = ['kubelet', 'kubelet-healthcheck', 'setup'].map((unit) => device.has(`/world/enabled/${unit}`));
  expect(enabled).toEqual([true, true, false]);
  // At once, not with the next start of the device.
  expect(device.calls()).toContain('systemctl enable --now --no-block kubelet.service');
});

test('services that cannot be made to start with the device are no success', async () => {
  const device = provisioned();
  device.remove(`${STATE}/provisioned`);
  device.remove('/world/enabled/kubelet');
  device.world('enable-fails', '');
  const { code, output } = await device.provision();
  expect({ code, output }).toEqual({
    code: 70,
    output: expect.stringContaining('failed: the kubelet could not be enabled at boot') as string,
  });
  expect(device.has(`${STATE}/provisioned`)).toBe(false);
});

test('after a run that did not end, no kubelet joins with what that one was given', async () => {
  const device = provisioned();
  for (const note of ['provisioned', 'installed']) device.remove(`${STATE}/${note}`);
  device.remove('/world/node');
  const look = `ls "${device.root}/etc/kubernetes" "${device.root}/world/active" >"${device.root}/world/left"\n`;
  expect(await device.run(device.supervisor({}, `${look}${kkpScript(device.root)}`))).toMatchObject({ code: 0 });
  expect(device.read('/world/left')).not.toMatch(/bootstrap-kubelet|kubelet/);
});

test.each(['begun', 'installed', 'provisioned'])(
  'a disk that does not take the note %s is no success, and the cause is told',
  async (note) => {
    const device = newDevice();
    // A folder in its way: what is written anew cannot be put there.
    mkdirSync(join(device.root, `${STATE}/${note}.new`), { recursive: true });
    const { code, output } = await device.provision();
    expect({ code, output }).toEqual({
      code: 70,
      output: expect.stringContaining('failed: the disk is not writable') as string,
    });
    expect(output).toMatch(new RegExp(`/${note}\\.new: .*directory`, 'i'));
  },
);

test('a system manager that does not answer is not taken for one that knows no firewall', async () => {
  const device = newDevice();
  device.world('fail/systemctl', '124');
  expect(await device.provision()).toMatchObject({ code: 70 });
  expect(device.has(`${STATE}/before`)).toBe(false);
});

test('a device on which a run can keep nothing in memory is found before anything is changed', async () => {
  const device = newDevice();
  device.write('/run/edge-constructs', '');
  const before = device.state();
  expect(await device.provision()).toMatchObject({ code: 65 });
  expect(device.calls()).not.toMatch(/^(apt-get|cloud-init|dpkg )/m);
  expect(device.state()).toEqual(before);
});
