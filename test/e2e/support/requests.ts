import { join } from 'node:path';

import { type Lan } from './lan';
import { Observer } from './observer';

/** What send-requests.js prints. */
export interface Requests {
  readonly answered: number;
  /** When a request was sent that failed, and why. */
  readonly failed: readonly string[];
  /** When one was sent that took more than half a second, and how long: they tell why others failed. */
  readonly slow: readonly string[];
  /** When each of the processes that answered had been started. */
  readonly started: readonly string[];
}

const command = (address: string, port: number, seconds: number): string[] => [
  process.execPath,
  join(__dirname, 'send-requests.js'),
  address,
  String(port),
  String(seconds),
];

/** Twenty requests a second from the LAN to a port of a node, for so many seconds. */
export async function requests(lan: Lan, address: string, port: number, seconds: number): Promise<Requests> {
  const argv = command(address, port, seconds);
  return JSON.parse((await lan.exec(argv, { timeout: (seconds + 60) * 1000 })).stdout) as Requests;
}

/** The same until it is stopped. */
export function endlessRequests(lan: Lan, address: string, port: number): Observer<Requests> {
  return Observer.start(lan.enter(command(address, port, 1_000_000)));
}
