/** How a run reports its progress, on standard error. */
export enum FleetProgress {
  /** A bar on a terminal, plain lines elsewhere, and nothing for runs of less than a second. */
  AUTO = 'auto',
  /** Nothing. */
  OFF = 'off',
}

const BAR_WIDTH = 30;
const MS_BEFORE_FIRST = 1000;
const MS_BETWEEN_BARS = 100;

/** Where progress is written: standard error, or a substitute. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how many sites or charts are done. */
export class ProgressMeter {
  readonly #stream: ProgressStream | undefined;
  readonly #what: string;
  readonly #total: number;
  readonly #now: () => number;
  readonly #startedAt: number;
  #shownAt: number;
  #shownTenth = 0;
  #isBarShown = false;
  #done = 0;

  constructor(
    progress: FleetProgress,
    what: string,
    total: number,
    stream: ProgressStream = process.stderr,
    now: () => number = Date.now,
  ) {
    this.#stream = progress === FleetProgress.OFF ? undefined : stream;
    this.#what = what;
    this.#total = total;
    this.#now = now;
    this.#startedAt = this.#shownAt = now();
  }

  /** One more is done. */
  step(): void {
    this.#done++;
    if (this.#stream === undefined || this.#total === 0) return;
    if (this.#stream.isTTY === true) this.#bar(this.#stream);
    else this.#line(this.#stream);
  }

  /** Clears the bar, so that what is printed next starts on a line of its own. */
  end(): void {
    if (this.#isBarShown) this.#stream?.write(`\r${' '.repeat(BAR_WIDTH + 40)}\r`);
    this.#isBarShown = false;
  }

  #bar(stream: ProgressStream): void {
    const now = this.#now();
    if (now - this.#startedAt < MS_BEFORE_FIRST || now - this.#shownAt < MS_BETWEEN_BARS) return;
    this.#shownAt = now;
    this.#isBarShown = true;
    const filled = Math.floor((BAR_WIDTH * this.#done) / this.#total);
    const bar = '='.repeat(filled).padEnd(BAR_WIDTH, ' ');
    stream.write(`\r[${bar}] ${this.#done}/${this.#total} ${this.#what}`);
  }

  #line(stream: ProgressStream): void {
    const tenth = Math.floor((10 * this.#done) / this.#total);
    if (tenth === this.#shownTenth || this.#now() - this.#startedAt < MS_BEFORE_FIRST) return;
    this.#shownTenth = tenth;
    stream.write(`${this.#done} of ${this.#total} ${this.#what} rendered\n`);
  }
}
