import { join } from 'node:path';

import { type KinsUnit } from './kins-unit';
import { type Lan } from './lan';
import { type LabNode } from './node';
import { Observer } from './observer';

/** One look of watch-api.js at an API server. */
interface Sample {
  /** When, in milliseconds. */
  readonly at: number;
  /** Who was asked. */
  readonly name: string;
  /** Left out if it was ready. */
  readonly error?: string;
  /** Its version, if that was asked for. */
  readonly server?: string;
  /** Versions of kubelets, by node. */
  readonly kubelets?: Readonly<Record<string, string>>;
}

/** How the API was reached. */
export interface ApiSeen {
  /** Longest time between two answers, in milliseconds. */
  readonly longestGap: number;
  readonly asked: number;
  /** When something was asked in vain, and why, although somebody listened. */
  readonly failed: readonly string[];
  /** When nobody listened: the agent, whose load balancer it is, was itself being replaced. */
  readonly refused: readonly string[];
}

/** What was wrong with the order of an upgrade. */
export interface OrderSeen {
  /** When more than one server was not ready. */
  readonly awayTogether: readonly string[];
  /** When a kubelet was newer than a server. */
  readonly tooNew: readonly string[];
  /** All versions of servers and of kubelets in the order in which they were seen first. */
  readonly versions: readonly string[];
}

/** Ports of the edge cluster's API: on servers, and on 127.0.0.1 of each node. */
const API_PORT = 26443;
const LOCAL_PORT = 26445;

const PROGRAM = join(__dirname, 'watch-api.js');
const when = (at: number): string => new Date(at).toISOString();

/** A release as a number that can be compared with those of others. */
const order = (version: string): number => {
  const [, minor, patch, k3s] = /^v1\.(\d+)\.(\d+)\+k3s(\d+)$/.exec(version) ?? [];
  return Number(minor) * 1e6 + Number(patch) * 1e3 + Number(k3s);
};

async function credentials(node: LabNode): Promise<{ readonly ca: string; readonly token: string }> {
  const read = async (file: string): Promise<string> =>
    (await node.sh(`cat /var/lib/kins/*/access/${file}`)).stdout.trim();
  return { ca: await read('ca.crt'), token: await read('token') };
}

/** Looks at the API four times a second, as a client does on one node of the unit: through the load balancer of its agent. */
export async function watchApiOn(node: LabNode): Promise<Observer<readonly Sample[]>> {
  const argv = [process.execPath, PROGRAM, '250', `${node.name}=https://127.0.0.1:${LOCAL_PORT}`];
  return Observer.start(node.enterNetwork(argv), JSON.stringify(await credentials(node)));
}

/** Looks at each server every second by its own address, and at the versions of servers and kubelets. */
export async function watchServers(lan: Lan, servers: KinsUnit['nodes']): Promise<Observer<readonly Sample[]>> {
  const urls = servers.map(({ name, address }) => `${name}=https://${address}:${API_PORT}`);
  const input = JSON.stringify({ ...(await credentials(servers[0]!)), versions: true });
  return Observer.start(lan.enter([process.execPath, PROGRAM, '1000', ...urls]), input);
}

/** What a client has seen. */
export function apiSeen(samples: readonly Sample[]): ApiSeen {
  const good = samples.filter(({ error }) => error === undefined).map(({ at }) => at);
  const gaps = good.sort((one, other) => one - other).map((at, index) => at - (good[index - 1] ?? at));
  const errors = samples.flatMap(({ at, error }) => (error === undefined ? [] : [`${when(at)} ${error}`]));
  const refused = errors.filter((error) => error.endsWith(`ECONNREFUSED 127.0.0.1:${LOCAL_PORT}`));
  const failed = errors.filter((error) => !refused.includes(error));
  return { longestGap: Math.max(0, ...gaps), asked: samples.length, failed, refused };
}

/** Rounds of samples: those that were taken in the same second. */
function rounds(samples: readonly Sample[], servers: number): Sample[][] {
  const sorted = [...samples].sort((one, other) => one.at - other.at);
  return Array.from({ length: Math.floor(sorted.length / servers) }, (_, index) =>
    sorted.slice(index * servers, (index + 1) * servers),
  );
}

/** What was wrong with the order in which servers and kubelets were replaced. */
export function orderSeen(samples: readonly Sample[], servers: number): OrderSeen {
  const awayTogether: string[] = [];
  const tooNew = new Set<string>();
  const versions: string[] = [];
  /** The version that each server had when it last told. */
  const serverVersions = new Map<string, string>();
  const note = (what: string): void => {
    if (!versions.includes(what)) versions.push(what);
  };
  for (const round of rounds(samples, servers)) {
    const away = round.filter(({ error }) => error !== undefined);
    if (away.length > 1) {
      awayTogether.push(`${when(round[0]!.at)} ${away.map(({ name, error }) => `${name}: ${error!}`).join('; ')}`);
    }
    for (const { name, server } of round) {
      if (server === undefined) continue;
      serverVersions.set(name, server);
      note(`server ${name} ${server}`);
    }
    for (const { at, kubelets = {} } of round) {
      for (const [node, kubelet] of Object.entries(kubelets)) {
        note(`kubelet ${node} ${kubelet}`);
        for (const [name, server] of serverVersions) {
          if (order(kubelet) > order(server)) tooNew.add(`${when(at)} ${node} ${kubelet}, ${name} ${server}`);
        }
      }
    }
  }
  return { awayTogether, tooNew: [...tooNew], versions };
}
