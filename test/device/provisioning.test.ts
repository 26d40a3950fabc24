import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeDevice } from './support/fake-device';
import { kkpScript, NAME, SHELLS, TOKEN } from './support/fake-device';
import { devices } from './support/devices';

jest.setTimeout(60_000);
const newDevice = devices();
const READY = `edge1: node ${NAME} is Ready\n`;

describe.each(SHELLS)('in %s', (shell) => {
  test('a device becomes a Ready node, and nothing secret is left in memory or told to anybody', async () => {
    const device = newDevice();
    const { code, output } = await device.provision({ shell });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(READY) as string });
    expect(device.has('/run/edge-constructs/ca.crt')).toBe(false);
    expect(device.has('/run/edge-constructs/script')).toBe(false);
    expect(device.read('/var/lib/edge-constructs/log') + output).not.toContain(TOKEN);
    const own = device
      .calls()
      .split('\n')
      .filter((call) => !call.includes('curl -s -k -v'));
    expect(own.join('\n')).not.toContain(TOKEN);
  });

  test('run again, it changes nothing and asks only whether the node is Ready', async () => {
    const device = newDevice();
    await device.provision({ shell });
    const [before] = [device.state(), device.calls()];
    const { code, output } = await device.provision({ shell });
    expect(output).toMatch(/edge1: node edge1 is Ready: nothing to do\n$/);
    expect(code).toBe(0);
    expect(device.state()).toEqual(before);
    expect(device.calls()).not.toMatch(/^(apt|cloud-init|dpkg|systemctl (?!is-active))/m);
  });

  test('decommissioned, the device is as it was, and running that again finds nothing to do', async () => {
    const device = newDevice();
    const before = device.state();
    await device.provision({ shell });
    const { code } = await device.decommission({ shell });
    expect(code).toBe(0);
    const { '/world/node': node, ...after } = device.state();
    expect(node).toBeDefined();
    expect(after).toEqual(before);
    expect((await device.decommission({ shell })).output).toBe('edge1: nothing to do: this device is not a machine\n');
  });

  test('two runs at once: one waits with a message, and only one provisions', async () => {
    const device = newDevice();
    const outcomes = await Promise.all([device.provision({ shell }), device.provision({ shell })]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    const [second, first] = outcomes.map(({ output }) => output).sort((a) => (a.includes('nothing to do') ? -1 : 1));
    expect(first).toContain(READY);
    expect(second).toMatch(/waiting for another run on this device[^]*nothing to do/);
    expect(device.calls().match(/^apt-get install/gm)).toHaveLength(1);
  });

  test('a lock that cannot be opened ends both programs with a cause', async () => {
    const device = newDevice();
    await device.provision({ shell });
    device.remove('/run/edge-constructs/lock');
    mkdirSync(join(device.root, 'run/edge-constructs/lock'), { recursive: true });
    for (const outcome of [await device.provision({ shell }), await device.decommission({ shell })]) {
      expect(outcome).toMatchObject({
        code: 70,
        output: expect.stringMatching(
          /failed: the lock .*\/lock cannot be opened\n.*remedy: Look at the device/,
        ) as string,
      });
    }
  });

  test('the node is waited for by the seconds that pass, however long each look takes', async () => {
    const device = newDevice();
    device.world('ready', 'Unknown');
    device.takeTime(100);
    const { code, output } = await device.provision({ shell, readyTimeout: '250s' });
    expect({ code, output }).toEqual({ code: 69, output: expect.stringContaining('not Ready') as string });
    expect(device.calls().match(/api\/v1\/nodes\/edge1/g)?.length).toBeLessThan(5);
  });

  test('garbage for a configuration ends the run with a cause, and the next one goes on from there', async () => {
    const device = newDevice();
    // The Secrets are fine when they are looked at, and gone when the script fetches.
    const garbage = kkpScript(device.root)
      .replace("jq '.data", "jq '.nothing")
      .replace('systemctl restart', 'sleep 3; systemctl restart');
    const broken = await device.run(device.supervisor({}, garbage), { shell });
    expect(broken.output).toMatch(/failed: KKP's script fetched no configuration: .*bootstrap-config.cfg is garbage/);
    expect(broken.code).toBe(70);
    expect(device.has('/etc/cloud/cloud.cfg.d/edge1-kube-system-bootstrap-config.cfg')).toBe(false);
    const { code, output } = await device.provision({ shell });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('continuing after a run') as string });
  });
});

test.each(SHELLS)('what the script leaves running keeps the lock and not the connection (%s)', async (shell) => {
  const device = newDevice();
  const look = `ls /proc/self/fd >"${device.root}/world/open"\n`;
  const { code } = await device.run(device.supervisor({}, `${look}${kkpScript(device.root)}`), { shell });
  expect(code).toBe(0);
  const open = device.read('/world/open').split('\n');
  expect(open).toContain('9');
  expect(open).not.toContain('8');
});

test('a script that waits for ever is ended, and what it started is stopped', async () => {
  const device = newDevice();
  device.world('setup-fails', '');
  const { code, output } = await device.provision({ scriptTimeout: '2s' });
  expect(output).toContain("failed: KKP's script did not end within 2 s, in setup");
  expect(code).toBe(70);
  expect(device.calls()).toContain('systemctl stop bootstrap.service setup.service');
  device.remove('/world/setup-fails');
  expect((await device.provision()).code).toBe(0);
});

test.each([
  [
    'does not run',
    (d: FakeDevice) => {
      d.world('kubelet-dies', '');
    },
    'failed: the kubelet is not running',
  ],
  [
    'is not Ready',
    (d: FakeDevice) => {
      d.world('ready', 'False');
    },
    'failed: node edge1 is registered, but not Ready',
  ],
  [
    'is another device',
    (d: FakeDevice) => {
      d.world('node', 'ffff');
    },
    'failed: node edge1 belongs to another device',
  ],
])('a node that %s is a failure', async (_, breakIt, message) => {
  const device = newDevice();
  breakIt(device);
  const { code, output } = await device.provision();
  expect(output).toContain(message);
  expect(code).toBe(69);
});

test.each([
  ['the end of its first stage', ['/etc/bootstrap-complete'], 'the bootstrap stage has not ended'],
  ['the name of the machine', ['/etc/machine-name'], '/etc/machine-name is not edge1'],
  [
    "the kubelet's configuration",
    ['/etc/kubernetes/bootstrap-kubelet.conf', '/var/lib/kubelet/kubeconfig'],
    "the kubelet's configuration has not been fetched",
  ],
])('a script that succeeds, but has left %s out, is a failure, and the next run mends it', async (_, files, cause) => {
  const device = newDevice();
  const forgetful = `${kkpScript(device.root)}rm ${files.map((file) => `-f ${device.root}${file}`).join(' ')}\n`;
  const { code, output } = await device.run(device.supervisor({}, forgetful));
  expect({ code, output }).toEqual({ code: 70, output: expect.stringContaining(`failed: ${cause}`) as string });
  expect((await device.provision()).code).toBe(0);
});

test('a token that expires on the way is fetched again', async () => {
  const device = newDevice();
  const late = `${kkpScript(device.root)}printf 'kind: Config\\n    token: 000000.0000000000000000\\n' >${device.root}/etc/kubernetes/bootstrap-kubelet.conf
rm -f ${device.root}/var/lib/kubelet/kubeconfig ${device.root}/etc/kubernetes/pki/* ${device.root}/world/node\n`;
  const { code, output } = await device.run(device.supervisor({ readyTimeout: '5s' }, late));
  expect(output).toContain('the join token has been renewed');
  expect(code).toBe(0);
});

test('a provisioned device is not provisioned again unless a rebuild is asked for, and then once', async () => {
  const device = newDevice();
  await device.provision();
  device.calls();
  device.world('ready', 'Unknown');
  const broken = await device.provision();
  expect(broken.output).toContain('not provisioning it again');
  expect(broken.code).toBe(69);
  expect(device.calls()).not.toContain('cloud-init');
  device.world('ready', 'True');
  expect((await device.provision({ rebuild: '2026-11-21' })).output).toContain(READY);
  expect(device.calls()).toContain('cloud-init --file');
  expect((await device.provision({ rebuild: '2026-11-21' })).output).toContain('nothing to do');
  expect((await device.provision()).output).toContain('nothing to do');
});

test.each([0.1, 0.5, 0.9, 0.995])('input that ends after %d of its length does nothing', async (part) => {
  const device = newDevice();
  const before = device.state();
  const program = device.supervisor();
  await device.run(program.slice(0, Math.floor(program.length * part)));
  expect(device.calls()).toBe('');
  expect(device.state()).toEqual(before);
});

test("decommissioning leaves a device alone that is another machine's", async () => {
  const device = newDevice();
  device.write('/etc/machine-name', 'edge7\n');
  const before = device.state();
  expect(await device.decommission()).toMatchObject({
    code: 65,
    output: expect.stringContaining('this device is machine edge7, not edge1') as string,
  });
  expect(device.state()).toEqual(before);
});

test("decommissioning keeps what is the owner's", async () => {
  const device = newDevice();
  device.write('/etc/cni/net.d/own.conf', 'mine');
  device.world('packages', 'bash\ncurl\njq\n');
  const environment = `${device.read('/etc/environment')}https_proxy=http://own\n`;
  device.write('/etc/environment', environment);
  await device.provision();
  device.world('needs-socat', 'Purg tunnel [1]\n');
  device.write('/etc/fstab', `${device.read('/etc/fstab')}/dev/sdb1 /data ext4 defaults 0 2\n`);
  device.write('/etc/environment', `${device.read('/etc/environment')}HTTP_PROXY=http://p\nEDITOR=vi\n`);
  device.write('/opt/bin/own', 'mine');
  const { output } = await device.decommission();
  expect(output).toContain('kept /etc/cni: it was there before');
  expect(output).toContain('kept package socat: these need it: tunnel');
  expect(device.read('/etc/cni/net.d/own.conf') + device.read('/opt/bin/own')).toBe('minemine');
  expect(device.read('/world/packages')).toBe('bash\ncurl\njq\nsocat\n');
  expect(device.read('/etc/fstab')).toBe(
    '/dev/sda1 / ext4 defaults 0 1\n/dev/sdb1 /data ext4 defaults 0 2\n/swap.img none swap sw 0 0\n',
  );
  expect(device.read('/etc/environment')).toBe(`${environment}EDITOR=vi\n`);
});
