import * as pulumi from '@pulumi/pulumi';
import { LONGEST_ANSWER_MS } from './answers';

/** How often to ask. */
const PERIOD_MS = 2000;
/** Silence for longer than this makes an update look dead. */
const LONGEST_SILENCE_MS = 25_000;

/** One time limit for everything that is waited for, one thing after the other, and what is reported meanwhile. */
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

  /** How long one answer may take: no longer than the rest of the time, but as long as a question takes to be asked. */
  get forAnswer(): number {
    return Math.min(Math.max(this.#left, PERIOD_MS), LONGEST_ANSWER_MS);
  }

  /** Reports what is waited for: when that changes, and again before the silence gets long. */
  async tell(what: string): Promise<void> {
    const now = Date.now();
    const isNews = what !== this.#told;
    if (!isNews && now - this.#toldAt < LONGEST_SILENCE_MS) return;
    this.#told = what;
    this.#toldAt = now;
    const seconds = Math.round((now - this.#begin) / 1000);
    await pulumi.log.info(isNews ? what : `${what} (${seconds} of ${this.seconds} seconds)`, this.#log);
  }

  /** Tells that what was waited for has come, if that was told. */
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
