import * as pulumi from '@pulumi/pulumi';
import { LONGEST_ANSWER_MS } from './answers';

/** How often to ask. */
const PERIOD_MS = 2000;
/** After a longer silence, users would think that the update hangs. */
const LONGEST_SILENCE_MS = 25_000;

/** A common time limit for several waits, one after the other, and their progress messages. */
export class Patience {
  readonly #log: pulumi.Resource;
  readonly #begin = Date.now();
  #told = '';
  #toldAt = this.#begin;

  constructor(
    log: pulumi.Resource,
    readonly seconds: number,
  ) {
    this.#log = log;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** How long one answer may take: at most the rest of the time, but never less than a request needs. */
  get forAnswer(): number {
    return Math.min(Math.max(this.#left, PERIOD_MS), LONGEST_ANSWER_MS);
  }

  /** Reports what is waited for, when that changes, and again before there is silence for too long. */
  async tell(what: string): Promise<void> {
    const now = Date.now();
    const isNews = what !== this.#told;
    if (!isNews && now - this.#toldAt < LONGEST_SILENCE_MS) return;
    this.#told = what;
    this.#toldAt = now;
    const seconds = Math.round((now - this.#begin) / 1000);
    await pulumi.log.info(isNews ? what : `${what} (${seconds} of ${this.seconds} seconds)`, this.#log);
  }

  /** Reports that a wait has ended, if it was reported before. */
  async done(what: string): Promise<void> {
    if (this.#told !== '') await pulumi.log.info(what, this.#log);
    this.#told = '';
  }

  /** Waits until it is time to ask again, or to give up. */
  async pause(): Promise<void> {
    const time = Math.min(PERIOD_MS, Math.max(this.#left, 0));
    await new Promise((resolve) => setTimeout(resolve, time));
  }

  get #left(): number {
    return this.#begin + this.seconds * 1000 - Date.now();
  }
}
