import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App, Chart } from 'cdk8s';
import { parse, stringify } from 'yaml';
import { EdgeMachine, OperatingSystem } from '../../../lib';
import { ED25519 } from '../../kkp/ssh-keys';
import { which } from '../support/prerequisites';
import { run, type CommandResult } from '../support/run';
import { Link } from './support/link';
import { describeWithSsh } from './support/prerequisites';
import { Site } from './support/site';
import type { SshDevice } from './support/ssh-device';

jest.setTimeout(600_000);
const GUIDE = readFileSync(resolve(__dirname, '../../../docs/provisioning.md'), 'utf8');

/** The first block of code below a heading of the guide. */
function example(heading: string): string {
  const section = GUIDE.split(`\n## ${heading}\n`)[1] ?? '';
  const [, code] = /\n```\w+\n([^]*?)\n```\n/.exec(section) ?? [];
  if (code === undefined) throw new Error(`the guide has no example under '${heading}'`);
  return `${code}\n`;
}

const hasAnsible = which('ansible-playbook') !== undefined;
if (!hasAnsible) process.stderr.write('e2e/device: Ansible example not run: ansible-playbook not found on PATH\n');
const testWithAnsible = hasAnsible ? test : test.skip;

describeWithSsh("the guide's examples", () => {
  let site: Site;
  let device: SshDevice;
  let link: Link;
  let folder: string;
  beforeEach(async () => {
    site = await Site.start();
    device = await site.device('edge1');
    link = await Link.open(site, device);
    folder = join(site.folder, 'user');
    mkdirSync(join(folder, 'bin'), { recursive: true });
    const machine = new EdgeMachine(new Chart(new App(), 'site'), 'edge1', {
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      kubeletVersion: '1.33.4',
      sshPublicKeys: [ED25519],
    });
    // What these devices are not: able to reach the internet, and large.
    const small = { packageUrls: [], minFreeDisk: '20Mi', minMemory: '100Mi' };
    writeFileSync(join(folder, 'edge1.provision.sh'), machine.provisioningSupervisor(small));
    writeFileSync(join(folder, 'edge1.decommission.sh'), machine.decommissioningScript());
    // The user's own settings: where edge1.example.com is, and which key it has.
    writeFileSync(join(folder, 'known_hosts'), `edge1.example.com ${device.hostKey}\n`);
    const settings = `Host edge1.example.com\n  HostName 127.0.0.1\n  HostKeyAlias edge1.example.com\n  Port ${link.port}\n  IdentityFile ${join(site.folder, 'operator')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${join(folder, 'known_hosts')}\n  BatchMode yes\n`; // prettier-ignore
    writeFileSync(join(folder, 'ssh_config'), settings);
    program('ssh', `exec ${which('ssh') ?? ''} -F '${join(folder, 'ssh_config')}' "$@"`);
    program('kubectl', `case "$*" in\n  *'get secret edge-provider-script-edge1-kube-system'*) printf %s '${encode(site.script('edge1'))}' ;;\n  'config view'*) printf %s '${encode(site.ca)}' ;;\n  *) echo "kubectl $*" >>'${join(folder, 'kubectl.log')}' ;;\nesac`); // prettier-ignore
  });
  afterEach(async () => {
    await link.close();
    await site.stop();
  });

  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const program = (name: string, body: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  const user = (argv: readonly string[]): Promise<CommandResult> =>
    run(['env', '-C', folder, ...argv], {
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`, HOME: folder, LC_ALL: 'C.UTF-8' },
      mayFail: true,
    });

  test('ssh provisions, and undoing it leaves the device as it was', async () => {
    const before = await device.state();
    const provisioned = await user(['sh', '-c', example('With ssh')]);
    expect(provisioned).toMatchObject({ code: 0, stdout: expect.stringContaining('node edge1 is Ready') as string });
    expect(link.connections).toBe(1);
    const undone = await user(['sh', '-c', example('How to undo')]);
    expect(undone).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing of machine edge1 is left') as string }); // prettier-ignore
    expect(await device.state()).toBe(before);
    expect(readFileSync(join(folder, 'kubectl.log'), 'utf8')).toContain('delete node edge1');
  });

  testWithAnsible('Ansible provisions, shows no secret, and finds nothing to do the second time', async () => {
    writeFileSync(join(folder, 'playbook.yaml'), example('With Ansible'));
    const hosts = { all: { hosts: { edge1: { ansible_host: 'edge1.example.com', ansible_user: 'ubuntu', ansible_python_interpreter: '/usr/bin/python3', ansible_ssh_executable: join(folder, 'bin/ssh'), edge1_script: encode(site.script('edge1')), cluster_ca: encode(site.ca) } } } }; // prettier-ignore
    writeFileSync(join(folder, 'inventory.yaml'), stringify(hosts));
    const play = ['ansible-playbook', '-vvv', '-i', 'inventory.yaml', 'playbook.yaml'];
    for (const changed of [1, 0]) {
      const { code, stdout, stderr } = await user(play);
      expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
      expect(stdout).toMatch(new RegExp(`edge1 +: ok=2 +changed=${changed} +unreachable=0 +failed=0`));
      expect(stdout + stderr).not.toContain(site.token);
      expect(stdout + stderr).not.toContain(encode(site.script('edge1')));
    }
    expect((await device.ssh('sudo -n cat /var/lib/edge-constructs/provisioned')).stdout).toBe('edge1\n');
  });

  test('cloud-init: what it is told to write and to run provisions, and leaves no file with the token', async () => {
    const userData = parse(example('With cloud-init')) as {
      write_files: { path: string; permissions: string; encoding: string }[];
      runcmd: string[];
    };
    const [file] = userData.write_files;
    const [command = ''] = userData.runcmd;
    expect(file).toMatchObject({ encoding: 'b64', permissions: '0600' });
    const input = await user(['sh', '-c', `${example('With ssh').replace(/\ninput \|[^]*$/, '\n')}\ninput`]);
    const { path = '' } = file ?? {};
    await device.ssh(`sudo -n sh -c 'umask 077 && cat >${path}'`, { input: input.stdout });
    // As cloud-init does: the lines of runcmd become one program of /bin/sh.
    await device.ssh('sudo -n tee /var/lib/runcmd', { input: `${command}\n` });
    const ran = await device.ssh('sudo -n /bin/sh /var/lib/runcmd', { mayFail: true });
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('node edge1 is Ready') as string });
    expect((await device.ssh('ls /run', { mayFail: true })).stdout).not.toContain('edge1.input');
  });
});
