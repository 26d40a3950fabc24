import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { devices } from './support/devices';
import { kkpScript, TOKEN, type FakeDevice } from './support/fake-device';

jest.setTimeout(60_000);
const newDevice = devices();
const LOG = '/var/lib/edge-constructs/log';
const mode = (device: FakeDevice, path: string): number => statSync(join(device.root, path)).mode & 0o777;

test("KKP's script goes through the proxy, and past it where it is told to", async () => {
  const device = newDevice();
  const look = `echo "$http_proxy $https_proxy $no_proxy" >"${device.root}/world/settings"\n`;
  const proxy = { httpProxy: 'http://proxy:3128', noProxy: ['api.example.com', '10.0.0.0/8'] };
  expect((await device.run(device.supervisor(proxy, `${look}${kkpScript(device.root)}`))).code).toBe(0);
  expect(device.read('/world/settings')).toBe('http://proxy:3128 http://proxy:3128 api.example.com,10.0.0.0/8\n');
});

test("KKP's script waits for other users of apt, is asked nothing, and makes files for everybody to read", async () => {
  const device = newDevice();
  const look = `{ cat "$APT_CONFIG"; echo "$DEBIAN_FRONTEND"; umask; } >"${device.root}/world/settings"\n`;
  const program = device.supervisor({}, `${look}${kkpScript(device.root)}`);
  expect(await device.run(program, { change: (text) => `umask 077\n${text}` })).toMatchObject({ code: 0 });
  expect(device.read('/world/settings')).toBe(
    'DPkg::Lock::Timeout "600";\nAcquire::Retries "3";\nnoninteractive\n0022\n',
  );
});

test('what the script says is in the log on the device, without the token, and not before whoever reads along', async () => {
  const device = newDevice();
  const words = `echo 'words of the script'\necho 'Authorization: Bearer ${TOKEN}' >&2\n`;
  const { code, output } = await device.run(device.supervisor({}, `${words}${kkpScript(device.root)}`));
  expect(code).toBe(0);
  expect(device.read(LOG)).toContain('words of the script\nAuthorization: Bearer (hidden)\n');
  expect(output).not.toContain('words of the script');
});

test('the log tells the steps of a run in their order', async () => {
  const device = newDevice();
  expect(await device.provision()).toMatchObject({ code: 0 });
  const steps = [...device.read(LOG).matchAll(/Z step (\w+)$/gm)].map(([, step]) => step);
  // The stages of the script in between are looked for now and then.
  const always = ['preflight', 'remember', 'fetch', 'join', 'complete'];
  expect(steps.filter((step) => always.includes(step ?? '')).filter((step, at, all) => step !== all[at - 1])).toEqual(
    always,
  );
});

test('the host keys of the device stay, and files with the token are for root alone', async () => {
  const device = newDevice();
  expect(await device.provision()).toMatchObject({ code: 0 });
  const own = '/etc/cloud/cloud.cfg.d/99-edge-constructs.cfg';
  expect(device.read(own)).toMatch(/^ssh_deletekeys: false$/m);
  expect(mode(device, own)).toBe(0o644);
  for (const secret of [
    '/etc/cloud/cloud.cfg.d/edge1-kube-system-bootstrap-config.cfg',
    '/etc/cloud/cloud.cfg.d/edge1-kube-system-provisioning-config.cfg',
    '/etc/kubernetes/bootstrap-kubelet.conf',
    '/opt/bin/bootstrap',
    '/var/lib/edge-constructs',
    '/run/edge-constructs',
  ]) {
    expect([secret, mode(device, secret) & 0o077]).toEqual([secret, 0]);
  }
});

test('a file with the token that stays readable for others is no success', async () => {
  const device = newDevice();
  device.write('/bin/chmod', '#!/bin/sh\n[ "$1" != go= ] || exit 1\nexec /bin/chmod "$@"\n');
  chmodSync(join(device.root, 'bin/chmod'), 0o755);
  expect(await device.provision()).toMatchObject({
    code: 70,
    output: expect.stringContaining('failed: files with the token could not be made private') as string,
  });
  expect(device.has('/var/lib/edge-constructs/provisioned')).toBe(false);
});

test('after a failure the last words of the services are in the log, and having none is told there', async () => {
  const device = newDevice();
  device.world('kubelet-dies', '');
  expect(await device.provision()).toMatchObject({ code: 69 });
  expect(device.calls()).toMatch(
    /^journalctl .*--lines 40 --unit bootstrap.service --unit setup.service --unit kubelet.service$/m,
  );
  device.world('fail/journalctl', '1');
  expect(await device.provision()).toMatchObject({ code: 69 });
  expect(device.read(LOG)).toContain('the journal of the services could not be read\n');
});
