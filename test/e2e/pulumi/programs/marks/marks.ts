import { createHash } from 'node:crypto';

/** Texts that are found nowhere else, one for each place; as short as a label may be, and a DNS label. */
export class Marks {
  readonly places: string[] = [];

  constructor(private readonly seed: string) {}

  at(place: string): string {
    if (!this.places.includes(place)) this.places.push(place);
    return markAt(this.seed, place);
  }
}

/** The text of a place. */
export function markAt(seed: string, place: string): string {
  return `m${createHash('sha256').update(`${seed} ${place}`).digest('hex').slice(0, 28)}`;
}
