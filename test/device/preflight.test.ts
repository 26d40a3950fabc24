import { cloudConfig, kkpScript, NAME, SHELLS, TOKEN, type FakeDevice } from './support/fake-device';
import type { SupervisorOptions } from '../../lib/device';
import { devices } from './support/devices';

jest.setTimeout(60_000);
const newDevice = devices();

/** What is made wrong, and the line that must tell it. */
type Finding = readonly [
  what: string,
  breakIt: (device: FakeDevice) => void,
  line: string,
  options?: Partial<SupervisorOptions> & { readonly script?: string },
];

/** What makes KKP's operator make the Secrets of a machine anew, all of them. */
const REMAKE =
  'Delete, in this order, OperatingSystemConfig edge1-kube-system-config in kube-system, and in cloud-init-settings the Secrets edge1-kube-system-bootstrap-config, edge1-kube-system-provisioning-config and edge-provider-script-edge1-kube-system; change a label of MachineDeployment edge1, and give the new script.';
const RENEW = 'Change a label (not an annotation) of MachineDeployment edge1: KKP then renews it.';
const KUBELET_SECRET = 'secrets/kube-system-edge1-kubelet-bootstrap-config';

const SECRETS = ['edge1-kube-system-bootstrap-config', 'edge1-kube-system-provisioning-config'] as const;

const findings: readonly Finding[] = [
  [
    'another user',
    (d) => {
      d.world('uid', '1000');
    },
    'run as user somebody; needed: root. Log in as root, or as a user who may run sudo -n without a password.',
  ],
  [
    'Debian',
    (d) => {
      d.write('/etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
    },
    'debian 12; needed: Ubuntu 20.04 or 22.04. Install one of them: KKP provisions no other system on edge.',
  ],
  [
    'Ubuntu 24.04',
    (d) => {
      d.write('/etc/os-release', 'ID=ubuntu\nVERSION_ID="24.04"\n');
    },
    'ubuntu 24.04; needed: Ubuntu 20.04 or 22.04. Install one of them: KKP provisions no other system on edge.',
  ],
  [
    'another processor',
    (d) => {
      d.world('machine', 'armv7l');
    },
    'processor armv7l; needed: x86_64 or aarch64. Use another device: there is no kubelet for this one.',
  ],
  [
    'no systemd',
    (d) => {
      d.remove('/run/systemd');
    },
    'systemd does not run here; needed: systemd. Provision the host, not a container on it.',
  ],
  [
    'no cloud-init',
    (d) => {
      d.remove('/bin/cloud-init');
    },
    'cloud-init is not installed; needed: cloud-init. Run: apt-get install -y cloud-init',
  ],
  [
    'another cluster, whose kubelet runs',
    (d) => {
      d.write('/var/lib/kubelet/kubeconfig', 'kind: Config\n');
      d.world('active/kubelet', '');
    },
    '/var/lib/kubelet/kubeconfig: this device already belongs to a cluster; needed: a device that is in no cluster. Take it out of that cluster and remove its files first.',
  ],
  [
    'a full disk',
    (d) => {
      d.world('free', '102400');
    },
    '100 MiB free in /; needed: 5120 MiB. Make room: the kubelet evicts pods on a full disk.',
  ],
  [
    'little memory',
    (d) => {
      d.write('/proc/meminfo', 'MemTotal: 524288 kB\n');
    },
    '512 MiB of memory; needed: 900 MiB. Use a device with more memory.',
  ],
  [
    '/run on a disk',
    (d) => {
      d.world('run-type', 'ext2/ext3');
    },
    '/run is on a disk; needed: /run in memory (tmpfs). Mount a tmpfs there: the token must not survive a power cut.',
  ],
  [
    'a clock behind',
    (d) => {
      d.world('server-date', new Date(Date.now() + 7_200_500).toUTCString());
    },
    "the clock is 7200 s behind; needed: at most 60 s off the API server's. Set it: timedatectl set-ntp true, or give it a time server.",
  ],
  [
    'no name for the API server',
    (d) => {
      d.world('curl/api.example.com:6443', '6');
    },
    'https://api.example.com:6443: the name cannot be resolved; needed: the API server of the user cluster. Open TCP from the device: 6443 with expose strategy Tunneling, otherwise 30000 to 32767; check DNS.',
  ],
  [
    'a closed port of the API server',
    (d) => {
      d.world('curl/api.example.com:6443', '7');
    },
    'https://api.example.com:6443: the connection is refused; needed: the API server of the user cluster. Open TCP from the device: 6443 with expose strategy Tunneling, otherwise 30000 to 32767; check DNS.',
  ],
  [
    'an API server that does not speak TLS',
    (d) => {
      d.world('curl/api.example.com:6443', '35');
    },
    'https://api.example.com:6443: no TLS connection; needed: the API server of the user cluster. Open TCP from the device: 6443 with expose strategy Tunneling, otherwise 30000 to 32767; check DNS.',
  ],
  [
    'somebody in between',
    (d) => {
      d.world('curl/api.example.com:6443', '60');
    },
    "https://api.example.com:6443 presents a certificate that the given CA has not signed, or that is not valid now; needed: the API server of edge1's cluster. Check the clock, the given CA, and whether something intercepts the connection.",
  ],
  [
    'a package host out of reach',
    (d) => {
      d.world('curl/dl.k8s.io', '28');
    },
    'https://dl.k8s.io: no answer in time; needed: the hosts that packages come from. Let the device reach it, or give the proxy to use.',
  ],
  [
    "a package host out of the proxy's reach",
    (d) => {
      d.world('curl/github.com', '5');
    },
    'https://github.com: the name of the proxy cannot be resolved; needed: the hosts that packages come from. Let the device, or the proxy http://proxy:3128, reach it.',
    { httpProxy: 'http://proxy:3128' },
  ],
  [
    "apt's own source out of reach",
    (d) => {
      d.world('curl/archive.ubuntu.com', '7');
    },
    'http://archive.ubuntu.com/ubuntu: the connection is refused; needed: the hosts that packages come from. Let the device reach it, or give the proxy to use.',
  ],
  [
    'a running kubelet',
    (d) => {
      d.world('active/kubelet', '');
    },
    'a kubelet is running; needed: a device that is in no cluster. Take it out of its cluster first.',
  ],
  [
    'another cluster',
    (d) => {
      d.write('/etc/rancher/k3s/config.yaml', '');
    },
    '/etc/rancher/k3s: this device already belongs to a cluster; needed: a device that is in no cluster. Take it out of that cluster and remove its files first.',
  ],
  [
    'another machine',
    (d) => {
      d.write('/etc/machine-name', 'edge7\n');
    },
    'this device is already machine edge7; needed: a device that is not a node, or edge1 itself. Decommission it as edge7 first, or give the right address.',
  ],
  [
    'another machine that has begun',
    (d) => {
      d.write('/var/lib/edge-constructs/begun', 'edge7\n');
    },
    'provisioning of this device as edge7 has begun; needed: edge1. Decommission it as edge7 first, or give the right address.',
  ],
  [
    'another machine that has begun and joined',
    (d) => {
      d.write('/var/lib/edge-constructs/begun', 'edge7\n');
      d.write('/etc/machine-name', 'edge7\n');
      d.write('/var/lib/kubelet/kubeconfig', 'kind: Config\n');
    },
    'this device is already machine edge7; needed: a device that is not a node, or edge1 itself. Decommission it as edge7 first, or give the right address.',
  ],
  [
    'a host of the same name',
    (d) => {
      d.world('hosts', '127.0.1.1 STREAM\n192.0.2.7 STREAM edge1\n');
    },
    'another host, 192.0.2.7, has the name edge1; needed: a host name that no other host has. Rename the machine or that host, or correct DNS or /etc/hosts.',
  ],
  [
    'a rotated token',
    (d) => {
      d.world('token', 'another');
    },
    'HTTP 401 for Secret edge1-kube-system-bootstrap-config; needed: a script whose token is valid. The token has been rotated. ' +
      REMAKE,
  ],
  ...SECRETS.map((secret): Finding => [
    `an old token inside ${secret}`,
    (d) => {
      d.world(`secrets/${secret}`, cloudConfig('eyJvbGQ.eyJvbGQ.b2xk'));
    },
    `the token inside Secret ${secret} differs from the script's; needed: one token in all Secrets of the machine. The token has been rotated since KKP made that Secret. ${REMAKE}`,
  ]),
  ...SECRETS.map((secret): Finding => [
    `garbage in ${secret}`,
    (d) => {
      d.world(`secrets/${secret}`, 'null\n');
    },
    `Secret ${secret} holds no cloud-config; needed: what KKP puts there. ${REMAKE}`,
  ]),
  [
    'a Secret without a value',
    (d) => {
      d.world(KUBELET_SECRET, '');
    },
    `Secret kube-system-edge1-kubelet-bootstrap-config has no kubeconfig; needed: what KKP puts there. ${REMAKE}`,
  ],
  ...['', 'token: ', 'token: ""'].map((line): Finding => [
    `no token to join with (${line})`,
    (d) => {
      d.world(KUBELET_SECRET, `kind: Config\nusers:\n- user:\n    ${line}\n`);
    },
    `no token in Secret kube-system-edge1-kubelet-bootstrap-config; needed: a join token. ${RENEW}`,
  ]),
  [
    'no answer about the token to join with',
    (d) => {
      d.world('api-status', '503');
    },
    'HTTP 503 for the token in Secret kube-system-edge1-kubelet-bootstrap-config; needed: an answer of the API server. Look at the user cluster.',
  ],
  [
    'a device without an id',
    (d) => {
      d.write('/etc/machine-id', '\n');
    },
    '/etc/machine-id is empty; needed: an id that no other device has. Run: systemd-machine-id-setup; it identifies the node.',
  ],
  [
    'a CA that is none',
    (d) => {
      d.world('curl/api.example.com:6443', '77');
    },
    "the given CA is not a certificate that curl can read; needed: the CA of the user cluster's API server. Give certificate-authority-data of the cluster's kubeconfig on a line: ca BASE64.",
  ],
  ...SECRETS.map((secret): Finding => [
    `no ${secret}`,
    (d) => {
      d.remove(`/world/secrets/${secret}`);
    },
    `Secret ${secret} does not exist; needed: all Secrets of the machine. KKP is not finished, or is stuck on a leftover script Secret: if it does not appear, delete Secret edge-provider-script-edge1-kube-system and change a label of MachineDeployment edge1.`,
  ]),
  [
    'an expired token to join with',
    (d) => {
      d.world('join-token', '000000.0000000000000000');
    },
    'the token in Secret kube-system-edge1-kubelet-bootstrap-config has expired; needed: a join token; it is valid for one hour. ' +
      RENEW,
  ],
  [
    'no script',
    () => undefined,
    'no provisioning script came with the supervisor; needed: the value of Secret edge-provider-script-edge1-kube-system. Wait until KKP has made it, and give it on a line: script BASE64.',
    { script: '' },
  ],
  [
    'some other script',
    () => undefined,
    'the given script fetches no Secret of KKP; needed: the value of a Secret edge-provider-script-.... Give the value of key fetch-bootstrap-script as it is.',
    { script: 'rm -rf /tmp/x\n' },
  ],
  [
    "another machine's script",
    () => undefined,
    'the given script is for edge2-kube-system-bootstrap-config; needed: the script of machine edge1. Two devices with the same script would claim to be the same node.',
    { script: kkpScript('', TOKEN, 'edge2') },
  ],
];

/** A device that is given nothing but text must not have been touched by anything but questions. */
const CHANGES = /^(apt-get|apt-mark|cloud-init|hostnamectl|systemctl (?!is-))/m;

const cases = findings.map(([what, breakIt, line, options]) => ({ what, breakIt, line, options: options ?? {} }));

test.each(cases)('$what is found, and nothing is changed', async ({ breakIt, line, options }) => {
  const device = newDevice();
  breakIt(device);
  const before = device.state();
  const { script = kkpScript(device.root), ...rest } = options;
  const { code, output } = await device.run(device.supervisor(rest, script));
  // A second may pass until the clock is looked at.
  expect(
    output
      .replace(/720\d s/, '7200 s')
      .split('\n')
      .filter((each) => each.includes('needed:')),
  ).toEqual([`edge1: preflight: ${line}`]);
  expect(code).toBe(65);
  expect(device.calls()).not.toMatch(CHANGES);
  expect(device.state()).toEqual(before);
});

test('where no certificate is valid because the clock is behind, the clock is told first', async () => {
  const device = newDevice();
  device.world('curl/api.example.com:6443', '60');
  device.world('server-date', new Date(Date.now() + 7_200_500).toUTCString());
  const { output } = await device.provision();
  expect(output).not.toContain('% Total');
  const found = output.split('\n').filter((line) => line.includes('needed:'));
  expect(found).toEqual([
    expect.stringMatching(/the clock is 720\d s behind/),
    expect.stringContaining('presents a certificate that the given CA has not signed'),
  ]);
});

test.each(SHELLS)('all findings are told at once (%s)', async (shell) => {
  const device = newDevice();
  for (const [, breakIt] of findings.slice(1, 4)) breakIt(device);
  device.world('curl/dl.k8s.io', '6');
  device.world('curl/api.example.com:6443', '28');
  device.world('machine', 'riscv64');
  const { code, output } = await device.provision({ shell });
  expect(output.match(/needed:/g)).toHaveLength(4);
  expect(output).toContain('edge1: preflight: problems to fix: 4; nothing has been changed on this device');
  expect(code).toBe(65);
});

test.each(SHELLS)(
  'addresses of the device itself, of its link and of loopback are no other host (%s)',
  async (shell) => {
    const device = newDevice();
    const addresses = ['inet 192.0.2.7/24', 'inet6 fd00::7/64'];
    device.world('addresses', addresses.map((text) => `2: eth0    ${text} scope global\n`).join(''));
    const own = ['127.0.1.1', '::1', 'fe80::7', '192.0.2.7', 'fd00::7'];
    device.world('hosts', own.map((text) => `${text} STREAM edge1\n`).join(''));
    expect(await device.provision({ shell })).toMatchObject({ code: 0 });
    const other = newDevice();
    other.world('addresses', '2: eth0    inet 192.0.2.70/24 scope global\n');
    other.world('hosts', '192.0.2.7 STREAM edge1\n');
    expect((await other.provision({ shell })).output).toContain('another host, 192.0.2.7, has the name edge1');
  },
);

test('several old tokens in one Secret are one finding', async () => {
  const device = newDevice();
  device.world(`secrets/${SECRETS[0]}`, cloudConfig('eyJvbGQ.eyJvbGQ.b2xk') + cloudConfig('eyJvbGQ.eyJvbGQ.b2xkZXI'));
  const { code, output } = await device.provision();
  expect(output.match(/the token inside Secret/g)).toHaveLength(1);
  expect(code).toBe(65);
});

test('that nobody knows who has its name is told, and is no finding', async () => {
  const device = newDevice();
  device.world('fail/getent', '3');
  const { code, output } = await device.provision();
  expect(output).toContain(
    'whether another host has the name edge1 could not be determined (getent exited with code 3)',
  );
  expect(code).toBe(0);
  const unknown = newDevice();
  unknown.world('fail/getent', '2');
  expect((await unknown.provision()).output).not.toContain('could not be determined');
});

test('a device declared with another version of Ubuntu is found', async () => {
  const device = newDevice();
  const change = (text: string): string => text.replace("EDGE_OS_VERSION=''", "EDGE_OS_VERSION='20.04'");
  const { output } = await device.provision({ change });
  expect(output).toContain('Ubuntu 22.04; needed: Ubuntu 20.04, as declared. Correct the declaration or the device.');
});

test('of several Secrets that are missing each is told', async () => {
  const device = newDevice();
  for (const secret of SECRETS) device.remove(`/world/secrets/${secret}`);
  const { output } = await device.provision();
  expect(SECRETS.filter((secret) => output.includes(`Secret ${secret} does not exist`))).toEqual(SECRETS);
});

test('an old token is found in each of the files of a cloud-config, be they without an end of their last line', async () => {
  const device = newDevice();
  const file = (token: string): string =>
    `    ${Buffer.from(`curl --header 'Authorization: Bearer ${token}' x`).toString('base64')}`;
  device.world(
    `secrets/${NAME}-kube-system-provisioning-config`,
    ['#cloud-config', 'write_files:', '- content: |-', file('old'), '- content: |-', file(TOKEN), ''].join('\n'),
  );
  expect((await device.provision()).output).toContain(
    `the token inside Secret ${NAME}-kube-system-provisioning-config differs from the script's`,
  );
});
