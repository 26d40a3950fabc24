import { readdirSync, readFileSync } from 'node:fs';
import { provisioningInput, provisioningSupervisor } from '../../../../lib/device';
import { Link } from './link';
import type { Site } from './site';
import type { SshDevice } from './ssh-device';

/** What came of provisioning many devices at once. */
export interface ManyResult {
  /** What the devices said that failed. */
  readonly failures: readonly string[];
  readonly seconds: number;
  readonly connections: number;
  /** Peak of what the processes of all devices hold, pages that several share counted once. */
  readonly peakMebibytes: number;
}

/** Devices that are made at the same time: each takes a processor for a moment. */
const AT_ONCE = 8;
const SAMPLE_MS = 5000;

/** Makes devices, without provisioning them. */
export async function makeDevices(site: Site, prefix: string, count: number): Promise<SshDevice[]> {
  const devices: SshDevice[] = [];
  for (let at = 0; at < count; at += AT_ONCE) {
    const group = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, index) => `${prefix}${at + index + 1}`);
    devices.push(...(await Promise.all(group.map((name) => site.device(name, '16m')))));
  }
  return devices;
}

/** Provisions all devices at the same time, each by one SSH connection. */
export async function provisionAll(site: Site, devices: readonly SshDevice[]): Promise<ManyResult> {
  const links = await Promise.all(devices.map((device) => Link.open(site, device)));
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, memoryOfDescendants())), SAMPLE_MS);
  const start = Date.now();
  try {
    const results = await Promise.all(
      devices.map(async (device, index) => {
        const input = provisioningInput(
          provisioningSupervisor({ name: device.name, packageUrls: [], minFreeDisk: '5Mi', minMemory: '100Mi' }),
          { script: site.script(device.name), ca: site.ca },
        );
        const options = { input, mayFail: true, via: links[index], timeout: 1_200_000 };
        return device.ssh('sudo -n sh', options);
      }),
    );
    const failures = results.flatMap(({ code, stdout, stderr }, index) => {
      const isReady = code === 0 && stdout.includes(`node ${devices[index]!.name} is Ready`);
      return isReady ? [] : [`${devices[index]!.name}: ${code} ${stdout}${stderr}`];
    });
    const connections = links.reduce((sum, link) => sum + link.connections, 0);
    return { failures, seconds: (Date.now() - start) / 1000, connections, peakMebibytes: peak };
  } finally {
    clearInterval(sampler);
    for (const link of links) await link.close();
  }
}

function memoryOfDescendants(): number {
  const parents = new Map<string, string>();
  for (const process of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    // The name of a program stands in brackets and may have any character in it.
    const parent = read(`/proc/${process}/stat`).split(') ').at(-1)?.split(' ')[1];
    if (parent !== undefined) parents.set(process, parent);
  }
  const isOwn = (of: string): boolean => {
    for (let at: string | undefined = parents.get(of); at !== undefined && at !== '0'; at = parents.get(at)) {
      if (at === String(process.pid)) return true;
    }
    return false;
  };
  const kibibytes = [...parents.keys()]
    .filter(isOwn)
    .map((each) => Number(/^Pss: +(\d+)/m.exec(read(`/proc/${each}/smaps_rollup`))?.[1] ?? 0));
  return kibibytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** Processes end at any time. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
