import { addressAt, parseNetwork } from '../../core/grammars/networks';

/** A range of numbers, the end excluded: addresses or ports. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** A range of numbers that is allocated in blocks of equal size, and the notation of a block. */
export interface Pool extends Interval {
  readonly size: number;
  readonly show: (interval: Interval) => string;
  /** `undefined` for what is not a range of this kind. */
  readonly read: (text: string) => Interval | undefined;
  /** For messages: the whole pool. */
  readonly name: string;
}

/** Reads an IPv4 network as the numbers of its addresses. */
export function networkInterval(text: string): Interval | undefined {
  const network = parseNetwork(text);
  if (network === undefined || network.address.kind() !== 'ipv4') return undefined;
  const start = network.address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
  return { start, end: start + 2 ** (32 - network.prefixLength) };
}

/** Reads `30000-30099`. */
export function portInterval(text: string): Interval | undefined {
  const [, from, to] = /^([0-9]+)-([0-9]+)$/.exec(text) ?? [];
  return from === undefined || to === undefined ? undefined : { start: Number(from), end: Number(to) + 1 };
}

/** Blocks of a network: all with one prefix length. */
export function networkPool(network: string, sitePrefix: number): Pool {
  const whole = networkInterval(network) ?? { start: 0, end: 0 };
  const base = parseNetwork('0.0.0.0/0');
  return {
    ...whole,
    size: 2 ** (32 - sitePrefix),
    show: ({ start }) => `${base === undefined ? '' : addressAt(base, start)}/${sitePrefix}`,
    read: networkInterval,
    name: `${network} in blocks of /${sitePrefix}`,
  };
}

/** Blocks of a port range. */
export function portPool(from: number, to: number, perSite: number): Pool {
  return {
    start: from,
    end: to + 1,
    size: perSite,
    show: ({ start, end }) => `${start}-${end - 1}`,
    read: portInterval,
    name: `ports ${from} to ${to} in blocks of ${perSite}`,
  };
}

/** Allocates the lowest blocks of a pool that are free. */
export class PoolAllocator {
  readonly #pool: Pool;
  readonly #taken: readonly Interval[];
  #next: number;
  #ahead = 0;

  constructor(pool: Pool, taken: readonly Interval[]) {
    this.#pool = pool;
    this.#taken = [...taken].sort((a, b) => a.start - b.start);
    this.#next = pool.start;
  }

  /** The next block, or `undefined` when the pool is exhausted. */
  next(): Interval | undefined {
    const { size, end, start } = this.#pool;
    for (;;) {
      const piece = { start: this.#next, end: this.#next + size };
      if (piece.end > end) return undefined;
      let blocker = this.#taken[this.#ahead];
      while (blocker !== undefined && blocker.end <= piece.start) blocker = this.#taken[++this.#ahead];
      if (blocker === undefined || blocker.start >= piece.end) {
        this.#next = piece.end;
        return piece;
      }
      this.#next = start + Math.ceil((blocker.end - start) / size) * size;
    }
  }
}

/** A range and its owner. */
export interface OwnedInterval extends Interval {
  readonly owner: string;
}

/** Pairs of overlapping ranges: each range with the first one that it overlaps. */
export function overlaps(ranges: readonly OwnedInterval[]): readonly (readonly [OwnedInterval, OwnedInterval])[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start || compare(a.owner, b.owner));
  const found: (readonly [OwnedInterval, OwnedInterval])[] = [];
  let widest: OwnedInterval | undefined;
  for (const range of sorted) {
    if (widest !== undefined && range.start < widest.end) found.push([widest, range]);
    if (widest === undefined || range.end > widest.end) widest = range;
  }
  return found;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
