// What the supervisor costs on a device beside KKP's bare script, what a run on a provisioned device takes, and many devices
// at once. On devices with a real sshd and stand-ins for systemd, cloud-init and the kubelet, as in the e2e tests.
//   ROUNDS=10 DEVICES=200 npm run bench:devices      needs what test/e2e/device needs
import { provisioningInput, provisioningSupervisor } from '../lib/device';
import { makeDevices, provisionAll } from '../test/e2e/device/support/many';
import { missingForSsh } from '../test/e2e/device/support/prerequisites';
import { Site } from '../test/e2e/device/support/site';
import type { SshDevice } from '../test/e2e/device/support/ssh-device';

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const DEVICES = Number(process.env.DEVICES ?? 200);
const LIMITS = { added: 1, repeated: 0.5 };

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const shown = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(', ');
let isMissed = false;
const row = (what: string, value: string, limit?: { readonly text: string; readonly isHeld: boolean }): void => {
  const verdict = limit === undefined ? '' : `  (limit ${limit.text}: ${limit.isHeld ? 'held' : 'MISSED'})`;
  if (limit?.isHeld === false) isMissed = true;
  console.log(`${what.padEnd(52)} ${value}${verdict}`);
};

/** Seconds by the device's own clock that a program on standard input takes there. */
async function secondsOf(device: SshDevice, input: string): Promise<number> {
  const timed = 'start=$(date +%s%N); sh; code=$?; echo "took $(($(date +%s%N) - start)) $code"';
  const { stdout } = await device.ssh(`sudo -n sh -c '${timed}'`, { input });
  const [, nanoseconds, code] = /took (\d+) (\d+)\n$/.exec(stdout) ?? [];
  if (code !== '0') throw new Error(`${device.name}: ${stdout}`);
  return Number(nanoseconds) / 1e9;
}

function supervised(site: Site, device: SshDevice): string {
  // As many hosts to ask as by default; these answer at once.
  const packageUrls = ['a', 'b', 'c'].map((path) => `http://${site.gateway}/${path}`);
  const supervisor = provisioningSupervisor({ name: device.name, packageUrls, minFreeDisk: '5Mi', minMemory: '100Mi' });
  return provisioningInput(supervisor, { script: site.script(device.name), ca: site.ca });
}

async function main(): Promise<void> {
  const missing = missingForSsh();
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
  const site = await Site.start();
  try {
    const [bare, whole, again]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = (await makeDevices(site, `bench${round}x`, 2)) as [SshDevice, SshDevice];
      // In turns, so that what else the machine does meets both.
      bare.push(await secondsOf(one, site.script(one.name)));
      whole.push(await secondsOf(other, supervised(site, other)));
      again.push(await secondsOf(other, supervised(site, other)));
      await one.cutPower();
      await other.cutPower();
    }
    const added = median(whole) - median(bare);
    row("KKP's bare script, s", `${median(bare).toFixed(2)}  [${shown(bare)}]`);
    row('under the supervisor until Ready, s', `${median(whole).toFixed(2)}  [${shown(whole)}]`);
    row('added by the supervisor, s', added.toFixed(2), { text: `${LIMITS.added} s`, isHeld: added < LIMITS.added });
    row('run again with nothing to do, s', `${median(again).toFixed(2)}  [${shown(again)}]`, {
      text: `${LIMITS.repeated} s`,
      isHeld: median(again) < LIMITS.repeated,
    });
    const devices = await makeDevices(site, 'many', DEVICES);
    const many = await provisionAll(site, devices);
    row(`${DEVICES} devices at once, s`, many.seconds.toFixed(0));
    row('failed', String(many.failures.length), { text: 'none', isHeld: many.failures.length === 0 });
    row('connections', String(many.connections), { text: '1 a device', isHeld: many.connections === DEVICES });
    row('memory of all devices at its peak, MiB', many.peakMebibytes.toFixed(0));
    for (const failure of many.failures.slice(0, 3)) console.error(failure);
  } finally {
    await site.stop();
  }
}

main()
  .then(() => (process.exitCode = isMissed ? 1 : 0))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
