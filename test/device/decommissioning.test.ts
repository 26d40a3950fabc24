import { spawnSync } from 'node:child_process';
import { mkdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SHELLS, type FakeDevice } from './support/fake-device';
import { devices, provisionedDevices } from './support/devices';

jest.setTimeout(60_000);
const newDevice = devices();
const provisioned = provisionedDevices();

/** Moves a folder to a data partition, and leaves a link to it. */
function moveToPartition(device: FakeDevice, folder: string): void {
  mkdirSync(join(device.root, 'data'), { recursive: true });
  renameSync(join(device.root, folder), join(device.root, 'data', folder.replace(/.*\//, '')));
  symlinkSync(join(device.root, 'data', folder.replace(/.*\//, '')), join(device.root, folder));
}

/** Mounts volumes, each with one file in it, as the table of mounts tells. */
function mount(device: FakeDevice, ...paths: readonly string[]): void {
  for (const path of paths) device.write(`${path}/file`, `of ${path}`);
  const lines = paths.map((path) => `/dev/sdb1 ${join(device.root, path).replaceAll(' ', '\\040')} ext4 rw 0 0\n`);
  device.write('/proc/self/mounts', `/dev/sda1 / ext4 rw 0 0\n${lines.join('')}`);
}

describe.each(SHELLS)('what is mounted, in %s', (shell) => {
  test.each(['/var', '/var/lib', '/var/lib/kubelet'])(
    'below a kubelet whose folder is reached by a link at %s is unmounted before anything is removed',
    async (link) => {
      const device = provisioned();
      moveToPartition(device, link);
      const kubelet = { '/var': '/data/var/lib/kubelet', '/var/lib': '/data/lib/kubelet' }[link] ?? '/data/kubelet';
      mount(device, `${kubelet}/pods/a/volumes/one`, `${kubelet}/pods/a/volumes/with space`);
      const { code, output } = await device.decommission({ shell });
      expect(code).toBe(0);
      expect(device.read('/world/volumes/one/file') + device.read('/world/volumes/with space/file')).toBe(
        `of ${kubelet}/pods/a/volumes/oneof ${kubelet}/pods/a/volumes/with space`,
      );
      expect(device.has('/var/lib/kubelet')).toBe(false);
      // Where a link led to is the owner's.
      expect(device.has('/data/kubelet/pods')).toBe(link === '/var/lib/kubelet');
      const told = expect(output);
      (link === '/var/lib/kubelet' ? told : told.not).toContain(
        'kept what /var/lib/kubelet points to, removed the link',
      );
    },
  );

  test('at or below another path that provisioning made stays, with all that is around it', async () => {
    const device = provisioned();
    moveToPartition(device, '/opt');
    mount(device, '/data/opt/cni/own');
    const { code, output } = await device.decommission({ shell });
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('kept /opt/cni: something is mounted there') as string,
    });
    expect(device.read('/data/opt/cni/own/file')).toBe('of /data/opt/cni/own');
    expect(device.has('/opt/cni/bin/bridge')).toBe(true);
    expect(device.has('/opt/bin')).toBe(false);
  });

  test('at the folder of the kubelet itself stays, without what the node could be taken for', async () => {
    const device = provisioned();
    mount(device, '/var/lib/kubelet');
    expect((await device.decommission({ shell })).output).toContain(
      'kept /var/lib/kubelet: something is mounted there',
    );
    expect(device.read('/var/lib/kubelet/file')).toBe('of /var/lib/kubelet');
    expect(device.has('/var/lib/kubelet/kubeconfig')).toBe(false);
    expect(device.has('/world/volumes')).toBe(false);
  });

  test('must be known: without the table of mounts nothing is removed', async () => {
    const device = provisioned();
    device.remove('/proc/self/mounts');
    const { code, output } = await device.decommission({ shell });
    expect({ code, output }).toEqual({
      code: 70,
      output: expect.stringContaining('failed: step release_mounts failed') as string,
    });
    expect(device.has('/var/lib/kubelet/kubeconfig')).toBe(true);
  });
});

const canMount =
  spawnSync('unshare', ['--mount', '--map-root-user', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
(canMount ? test : test.skip).each(SHELLS)(
  `a volume that the table of mounts did not show is not gone into${canMount ? '' : ': this needs namespaces'} (%s)`,
  async (shell) => {
    const device = provisioned();
    device.write('/opt/cni/net/file', '');
    const mounting = `mount -t tmpfs none "$EDGE_ROOT/opt/cni/net" && echo mine >"$EDGE_ROOT/opt/cni/net/own" || exit 1
      "$@"; code=$?; cp "$EDGE_ROOT/opt/cni/net/own" "$EDGE_ROOT/world/found"; exit "$code"`;
    const within = ['unshare', '--mount', '--map-root-user', 'sh', '-c', mounting, 'sh'];
    expect(await device.decommission({ shell, within })).toMatchObject({ code: 70 });
    expect(device.read('/world/found')).toBe('mine\n');
  },
);

test.each(SHELLS)('interfaces of the network of pods go, and no others (%s)', async (shell) => {
  const device = provisioned();
  const line = (name: string): string => `2: ${name}: <BROADCAST,UP> mtu 1500 qdisc noqueue state UP\\    link/ether\n`;
  const own = ['lo', 'eth0', 'wg0', 'br-cali', 'cni1', 'flannel.2'].map(line).join('');
  const pods = ['cali1a2b@if3', 'cni0', 'flannel.1', 'nodelocaldns', 'kube-ipvs0', 'vxlan.calico'].map(line).join('');
  device.world('links', own + pods);
  expect(await device.decommission({ shell })).toMatchObject({ code: 0 });
  expect(device.read('/world/links')).toBe(own);
});

describe('packages', () => {
  test.each([
    ['half of them and an error', { 'fail/dpkg-query': '2' }],
    ['none at all', { packages: '' }],
  ])('of which dpkg tells %s: before provisioning nothing is begun, and later nothing is removed', async (_, world) => {
    const device = newDevice();
    for (const [name, content] of Object.entries(world)) device.world(name, content);
    expect(await device.provision()).toMatchObject({
      code: 70,
      output: expect.stringContaining('failed: the state of the device could not be recorded') as string,
    });
    expect(device.has('/var/lib/edge-constructs/before')).toBe(false);
    expect(device.has('/var/lib/edge-constructs/begun')).toBe(false);

    const node = provisioned();
    for (const [name, content] of Object.entries(world)) node.world(name, content);
    expect(await node.decommission()).toMatchObject({ code: 70 });
    expect(node.calls()).not.toContain('purge');
  });

  test('of which only the settings are left are not there, and those that are kept as they are, are', async () => {
    const device = newDevice();
    device.world('other-packages', 'rc  jq\nhi  socat\n');
    await device.provision();
    expect(device.read('/var/lib/edge-constructs/before/packages').split('\n').sort()).toEqual([
      '',
      'bash',
      'curl',
      'socat',
    ]);
  });

  test('a list of before with nothing in it is no reason to remove all', async () => {
    const device = provisioned();
    device.write('/var/lib/edge-constructs/before/packages', '');
    expect(await device.decommission()).toMatchObject({ code: 0 });
    expect(device.read('/world/packages')).toContain('jq\nsocat\n');
  });

  test('what others need is asked for before each is removed, and no answer is no "nothing"', async () => {
    const device = provisioned();
    device.world('simulation-fails', '');
    expect(await device.decommission()).toMatchObject({ code: 70 });
    expect(device.read('/world/packages')).toBe('bash\ncontainerd.io\ncurl\njq\nsocat\n');
    device.remove('/world/simulation-fails');
    expect(await device.decommission()).toMatchObject({ code: 0 });
    expect(device.read('/world/packages')).toBe('bash\ncurl\n');
  });

  test.each(SHELLS)(
    'a purge that was cut off is finished by the next run, and what apt said is in the log (%s)',
    async (shell) => {
      const device = provisioned();
      device.world('cut-purge', '');
      expect(await device.decommission({ shell })).toMatchObject({ code: 70 });
      // Others may be at work with packages just then.
      device.world('dpkg-locked', '');
      expect(await device.decommission({ shell })).toMatchObject({ code: 0 });
      expect(device.has('/world/dpkg-was-locked')).toBe(true);
      expect(device.read('/world/packages')).toBe('bash\ncurl\n');
    },
  );

  test('one that dpkg cannot finish, and that is no part of this, holds nothing up', async () => {
    const device = provisioned();
    device.world('fail/dpkg', '1');
    const { code, output } = await device.decommission();
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('dpkg could not finish configuring some packages') as string,
    });
    expect(device.calls().match(/^dpkg /gm)).toHaveLength(1);
  });

  test('what a cut has left for dpkg to finish is finished before the script of KKP installs any', async () => {
    const device = newDevice();
    device.world('dpkg-interrupted', '');
    expect(await device.provision()).toMatchObject({ code: 0 });
    expect(device.calls()).toMatch(/^dpkg .*--configure -a$[^]*^apt-get update/m);
    expect(device.has('/world/dpkg-interrupted')).toBe(false);
  });
});

describe('pods', () => {
  const POD = 'shop till-0 StatefulSet Running\nkube-system canal-x DaemonSet Running\n';
  function withPods(): FakeDevice {
    const device = provisioned();
    symlinkSync(join(__dirname, 'support/stub.sh'), join(device.root, 'opt/bin/kubectl'));
    device.world('pods', POD);
    return device;
  }

  test.each(SHELLS)('are moved away, but those that would come back (%s)', async (shell) => {
    const device = withPods();
    const { code, output } = await device.decommission({ shell });
    expect(code).toBe(0);
    expect(output).toContain('no pods are left on node edge1 except those of DaemonSets');
    expect(device.calls()).toContain('/api/v1/namespaces/shop/pods/till-0/eviction');
    expect(device.read('/world/pods')).toBe('kube-system canal-x DaemonSet Running\n');
  });

  test('that have ended, or that are static, are not waited for', async () => {
    const device = withPods();
    const ended = 'shop job-a Job Succeeded\nshop job-b Job Failed\nkube-system proxy-edge1 Node Running\n';
    device.world('pods', ended);
    expect((await device.decommission()).output).toContain('no pods are left');
    expect(device.read('/world/pods')).toBe(ended);
  });

  test.each([
    ['has no kubectl', '/opt/bin/kubectl'],
    ['has never joined', '/var/lib/kubelet/kubeconfig'],
  ])("are nobody's business on a device that %s", async (_, missing) => {
    const device = withPods();
    device.remove(missing);
    const { code, output } = await device.decommission();
    expect(code).toBe(0);
    expect(output).not.toMatch(/pods/);
    expect(device.calls()).not.toContain('kubectl');
  });

  test('end with the device where the cluster cannot be asked', async () => {
    const device = withPods();
    device.world('fail/kubectl', '1');
    const { code, output } = await device.decommission();
    expect(output).toContain('the cluster cannot be asked to move the pods away: they stop with the device\n');
    expect(output).not.toContain('pods are left');
    expect(code).toBe(0);
  });

  test.each(SHELLS)(
    'a cluster that does not tell which are left is not taken for one without pods (%s)',
    async (shell) => {
      const device = withPods();
      device.world('pods-fail', '');
      device.takeTime(400);
      const { code, output } = await device.decommission({ shell });
      expect(output).toContain('the cluster no longer says which pods are left: they stop with the device');
      expect(output).not.toContain('no pods are left');
      expect(code).toBe(0);
    },
  );

  test.each(SHELLS)(
    'that are protected are waited for by the seconds that pass, though the time of day stands still (%s)',
    async (shell) => {
      const device = withPods();
      device.world('budget', '');
      device.world('date', '0\n');
      device.takeTime(200);
      const { code, output } = await device.decommission({ shell });
      expect(code).toBe(0);
      expect(output).toContain('not moved within 600 s: shop/till-0\n');
      expect(device.calls().match(/get pods/g)?.length).toBeLessThan(4);
    },
  );
});

test('an fstab that cannot be read is never an empty one', async () => {
  const device = provisioned();
  device.remove('/etc/fstab');
  mkdirSync(join(device.root, 'etc/fstab'));
  expect(await device.decommission()).toMatchObject({
    code: 70,
    output: expect.stringContaining('step restore_fstab failed') as string,
  });
});

describe.each(SHELLS)('what a run has noted and cannot be read is not taken for nothing, in %s', (shell) => {
  const unreadable = (...paths: readonly string[]): FakeDevice => {
    const device = provisioned();
    for (const path of paths) {
      device.remove(path);
      mkdirSync(join(device.root, path));
    }
    return device;
  };

  test('the device is not called free, and the record of what was there before stays', async () => {
    const device = unreadable('/var/lib/edge-constructs/begun');
    device.remove('/etc/machine-name');
    expect(await device.decommission({ shell })).toMatchObject({
      code: 70,
      output: expect.stringContaining('failed: cannot read which machine this device is') as string,
    });
    expect(device.has('/var/lib/edge-constructs/before/packages')).toBe(true);
  });

  test.each([
    ['packages', 'before/packages cannot be read'],
    ['fstab', 'step restore_fstab failed'],
  ])('the %s of before', async (name, cause) => {
    const device = unreadable(`/var/lib/edge-constructs/before/${name}`);
    expect(await device.decommission({ shell })).toMatchObject({
      code: 70,
      output: expect.stringContaining(cause) as string,
    });
  });

  test.each(['ufw-is-enabled', 'ufw-is-active', 'cloud-init', 'hostname'])('%s of before', async (name) => {
    const device = unreadable(`/var/lib/edge-constructs/before/${name}`);
    expect(await device.decommission({ shell })).toMatchObject({
      code: 70,
      output: expect.stringMatching(/step restore_(firewall|host_name) failed/) as string,
    });
  });

  test('a device that has been provisioned is not provisioned again', async () => {
    const device = unreadable('/var/lib/edge-constructs/provisioned');
    const { code, output } = await device.provision({ shell });
    expect({ code, output }).toEqual({
      code: 70,
      output: expect.stringContaining('so it is not known whether this device is provisioned') as string,
    });
    expect(output).not.toContain("KKP's script");
  });

  test.each(['/etc/machine-name', '/var/lib/edge-constructs/begun'])('%s keeps a first run from its start', async (path) => {
    const device = unreadable(path);
    device.remove('/var/lib/edge-constructs/provisioned');
    device.world('ready', 'False');
    const { code, output } = await device.provision({ shell });
    expect({ code, output }).toEqual({
      code: 65,
      output: expect.stringContaining('cannot read whether this device is already a machine; needed:') as string,
    });
  }); // prettier-ignore
});

describe('what the script of KKP puts beside the files of others', () => {
  const DROP_INS = '/etc/systemd/system/containerd.service.d';
  const AUTHORITY = '/usr/local/share/ca-certificates/custom.crt';
  const LINK = '/etc/ssl/certs/custom.pem';
  const OTHERS = '/etc/ssl/certs/others.pem';

  function withDropIns(): FakeDevice {
    const device = provisioned();
    for (const file of ['environment.conf', 'limits.conf']) device.write(`${DROP_INS}/${file}`, '[Service]\n');
    device.write(AUTHORITY, 'PEM');
    device.write(OTHERS, 'PEM');
    symlinkSync(join(device.root, AUTHORITY), join(device.root, LINK));
    return device;
  }

  test.each(SHELLS)('goes: settings of containerd, and the CA with what was made of it (%s)', async (shell) => {
    const device = withDropIns();
    expect(await device.decommission({ shell })).toMatchObject({ code: 0 });
    expect([DROP_INS, AUTHORITY].map((path) => device.has(path))).toEqual([false, false]);
    expect(device.calls()).toContain('update-ca-certificates');
    expect(device.read(OTHERS)).toBe('PEM');
    expect(() => readlinkSync(join(device.root, LINK))).toThrow('ENOENT');
  });

  test('stays where it was before, and so do settings of others', async () => {
    const device = withDropIns();
    device.write(`${DROP_INS}/own.conf`, '[Service]\n');
    const paths = '/var/lib/edge-constructs/before/paths';
    device.write(paths, `${device.read(paths)}${AUTHORITY}\n`);
    expect(await device.decommission()).toMatchObject({ code: 0 });
    expect(device.has(`${DROP_INS}/limits.conf`)).toBe(false);
    expect([`${DROP_INS}/own.conf`, AUTHORITY].map((path) => device.has(path))).toEqual([true, true]);
    expect(device.calls()).not.toContain('update-ca-certificates');
  });

  test('of which the end was cut off is made an end of by the next run', async () => {
    const device = withDropIns();
    device.world('fail/update-ca-certificates', '1');
    expect(await device.decommission()).toMatchObject({ code: 70 });
    device.remove('/world/fail/update-ca-certificates');
    expect(await device.decommission()).toMatchObject({ code: 0 });
    expect(() => readlinkSync(join(device.root, LINK))).toThrow('ENOENT');
  });
});
