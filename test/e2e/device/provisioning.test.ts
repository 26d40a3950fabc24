import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decommissioningScript,
  provisioningInput,
  provisioningSupervisor,
  type SupervisorOptions,
} from '../../../lib/device';
import { until, type CommandResult } from '../support/run';
import { Link } from './support/link';
import { describeWithSsh } from './support/prerequisites';
import { Site } from './support/site';
import type { SshDevice } from './support/ssh-device';

jest.setTimeout(900_000);

describeWithSsh('provisioning over real SSH', () => {
  let site: Site;
  let count = 0;
  beforeEach(async () => {
    site = await Site.start();
  });
  afterEach(() => site.stop());

  const newDevice = (diskSize?: string): Promise<SshDevice> => site.device(`edge${++count}`, diskSize);

  const input = (d: SshDevice, options: Partial<SupervisorOptions> = {}, script = site.script(d.name)): string => {
    const quick = {
      packageUrls: [],
      minFreeDisk: '20Mi',
      minMemory: '100Mi',
      readyTimeout: '20s',
      repeatTimeout: '5s',
      scriptTimeout: '60s',
    };
    return provisioningInput(provisioningSupervisor({ name: d.name, ...quick, ...options }), { script, ca: site.ca });
  };

  const provision = async (d: SshDevice, text = input(d)): Promise<CommandResult & { readonly said: string }> => {
    const result = await d.ssh('sudo -n sh', { input: text, mayFail: true });
    return { ...result, said: result.stdout + result.stderr };
  };

  test('a device becomes a Ready node, again is nothing to do, and decommissioning leaves it as it was', async () => {
    const d = await newDevice();
    const before = await d.state();
    const first = await provision(d);
    expect(first.said).toContain(`node ${d.name} is Ready`);
    expect(first.code).toBe(0);
    expect(first.said).not.toContain(site.token);
    const log = await d.ssh('sudo -n cat /var/lib/edge-constructs/log');
    expect(log.stdout).toContain('Bearer (hidden)');
    expect(log.stdout).not.toContain(site.token);
    const after = await d.state();
    expect((await provision(d)).said).toBe(`${d.name}: node ${d.name} is Ready: nothing to do\n`);
    expect(await d.state()).toBe(after);
    const gone = await d.ssh('sudo -n sh', { input: decommissioningScript({ name: d.name }), mayFail: true });
    expect(gone.stdout + gone.stderr).toContain(`nothing of machine ${d.name} is left`);
    expect(await d.state()).toBe(before);
  });

  test('a wrong host key and a wrong user get nothing', async () => {
    const [d, other] = [await newDevice(), await newDevice()];
    const wrongKey = await d.ssh('sudo -n sh', { input: input(d), mayFail: true, hostKey: other.hostKey });
    expect(wrongKey).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('Host key verification failed') as string,
    });
    const wrongUser = await d.ssh('sudo -n sh', { input: input(d), mayFail: true, user: 'nobody' });
    expect(wrongUser.code).not.toBe(0);
    expect((await d.ssh('ls /var/lib')).stdout).not.toContain('edge-constructs');
  });

  test('without sudo all findings are told, and nothing is changed', async () => {
    const d = await newDevice();
    await d.ssh('rm /etc/sudoers.d/device', { user: 'root' });
    const refused = await provision(d);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sudo: a password is required') as string,
    });
    const asUser = await d.ssh('sh', { input: input(d), mayFail: true });
    expect(asUser.stdout).toContain('run as user ubuntu; needed: root');
    expect(asUser.code).toBe(65);
  });

  test('a full disk, a clock that is off and a refused token are found before anything is changed, all at once', async () => {
    const d = await newDevice();
    await d.ssh('sudo -n dd if=/dev/zero of=/var/filler bs=1M count=50 status=none', { mayFail: true });
    site.change({ clockOff: -3600, tokens: ['another'] });
    const { said, code } = await provision(d);
    expect(said).toMatch(/MiB free in \/; needed: 20 MiB/);
    expect(said).toMatch(/the clock is 3\d\d\d s ahead/);
    expect(said).toContain('HTTP 401 for Secret');
    expect(said).toContain('preflight: problems to fix: 3');
    expect(code).toBe(65);
    expect((await d.ssh('ls /etc/cloud/cloud.cfg.d')).stdout).not.toContain('bootstrap-config');
  });

  test('an expired join token is found, and one that expires on the way is fetched again', async () => {
    const d = await newDevice();
    const valid = site.world.joinToken;
    site.change({ joinToken: '000000.0000000000000000' });
    expect((await provision(d)).said).toContain('has expired');
    site.change({ joinToken: valid });
    // It expires while the device is being set up; KKP makes a new one meanwhile.
    await d.ssh('echo 5 | sudo -n tee /etc/setup-seconds');
    const running = provision(d);
    const has = async (path: string): Promise<boolean> =>
      (await d.ssh(`test -e ${path}`, { mayFail: true })).code === 0;
    await until('setup runs', () => has('/etc/bootstrap-complete'), { interval: 100 });
    const name = `kube-system-${d.name}-kubelet-bootstrap-config`;
    const fresh = 'fedcba.0123456789abcdef';
    site.change({ joinToken: fresh });
    await until('the kubelet runs', () => has('/run/units/kubelet'), { interval: 100 });
    const kubeconfig = site.world.secrets[name]!.kubeconfig!.replace(valid, fresh);
    site.change({ secrets: { ...site.world.secrets, [name]: { kubeconfig } } });
    expect((await running).said).toMatch(/the join token has been renewed[^]*is Ready/);
  });

  test('a slow link only makes it slower', async () => {
    const d = await newDevice();
    const link = await Link.open(site, d);
    try {
      // 40 ms late, and at most 3 kB at a time: what the supervisor's text alone takes is over a second.
      link.impairment = { delay: 40, piece: 3000 };
      const result = await d.ssh('sudo -n sh', { input: input(d), mayFail: true, via: link });
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('is Ready') as string });
      expect(link.connections).toBe(1);
    } finally {
      await link.close();
    }
  });

  test('two runs at once: one waits with a message, the device joins once, and both end well', async () => {
    const d = await newDevice();
    await d.ssh('echo 2 | sudo -n tee /etc/setup-seconds');
    const runs = await Promise.all([provision(d), provision(d)]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    const said = runs.map((each) => each.said);
    const waiting = said.filter((each) => each.includes('waiting for another run on this device'));
    expect(waiting).toHaveLength(1);
    expect(waiting[0]).toContain('is Ready: nothing to do');
    expect(site.joined.filter((line) => line.startsWith(`${d.name} `))).toHaveLength(1);
  });

  test('a run that is killed leaves no file of its own with the token, and the next one goes on', async () => {
    const d = await newDevice();
    await d.ssh('echo 1 | sudo -n tee /etc/setup-seconds');
    const kill = "sudo -n sh -c 'read -r process rest </run/edge-constructs/status && kill -KILL $process'";
    const own = '/run /tmp /var/lib/edge-constructs';
    let killed = 0;
    for (let at = 0; at < 12; at++) {
      const running = provision(d);
      await sleep(300 + at * 120);
      if ((await d.ssh(kill, { mayFail: true })).code === 0) killed++;
      expect((await d.ssh(`sudo -n grep -rlF ${site.token} ${own}`, { mayFail: true })).stdout).toBe('');
      await running;
      await d.ssh('sudo -n sh', { input: decommissioningScript({ name: d.name }) });
    }
    expect(killed).toBeGreaterThan(3);
    expect(await provision(d)).toMatchObject({ code: 0, said: expect.stringContaining('is Ready') as string });
  });

  test('a connection cut at 50 random moments: run again, the same end state', async () => {
    const whole = await newDevice();
    await provision(whole);
    const wanted = await paths(whole);
    const d = await newDevice();
    const link = await Link.open(site, d);
    // Slow enough that some cuts come while the program is still on its way.
    link.impairment = { delay: 10, piece: 4000 };
    try {
      for (let cut = 0; cut < 50; cut++) {
        const [file = '', ...args] = d.sshArgv('sudo -n sh', { via: link });
        const client = spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'] });
        const ended = new Promise((resolve) => client.once('exit', resolve));
        client.stdin.on('error', () => undefined);
        client.stdin.end(input(d));
        await sleep(Math.random() * 1500);
        link.cut();
        await ended;
        if (cut % 5 === 4) {
          const { said, code } = await provision(d);
          expect({ said, code }).toEqual({ said: expect.stringContaining('is Ready') as string, code: 0 });
          expect(await paths(d)).toEqual(wanted);
          expect((await d.ssh('sudo -n ls /run/edge-constructs')).stdout).toBe('lock\n');
          await d.ssh('sudo -n sh', { input: decommissioningScript({ name: d.name }) });
        }
      }
    } finally {
      await link.close();
    }
  });

  test('a device that lost its power when it was done is left as it is', async () => {
    const d = await newDevice();
    await provision(d);
    const before = await paths(d);
    await d.cutPower();
    await d.switchOn();
    expect(await provision(d)).toMatchObject({ code: 0, said: expect.stringContaining('is Ready') as string });
    expect(await paths(d)).toEqual(before);
    expect(site.joined.filter((line) => line.startsWith(`${d.name} `))).toHaveLength(1);
  });

  test('the power fails at random moments: nothing secret is in memory files, and the next run ends the same', async () => {
    const d = await newDevice();
    await d.ssh('echo 1 | sudo -n tee /etc/setup-seconds');
    for (let cut = 0; cut < 6; cut++) {
      const running = provision(d);
      await sleep(200 + Math.random() * 1800);
      await d.cutPower();
      await running;
      await d.switchOn();
      expect((await d.ssh('ls /run/edge-constructs', { mayFail: true })).stdout).toBe('');
    }
    expect(await provision(d)).toMatchObject({ code: 0, said: expect.stringContaining('is Ready') as string });
    const whole = await newDevice();
    await provision(whole);
    expect((await paths(d)).filter((path) => path !== 'etc/setup-seconds')).toEqual(await paths(whole));
  });
});

/** What files provisioning has left on a device, with the device's name taken out. */
async function paths(device: SshDevice): Promise<(string | undefined)[]> {
  const lines = (await device.state()).replaceAll(device.name, 'NAME').split('\n');
  return lines.map((line) => line.split(/ +/)[1]);
}
