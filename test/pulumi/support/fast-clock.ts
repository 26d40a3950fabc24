/**
 * From then on a minute of this process takes as long as a second of others. Only for what ends because a time is over: a
 * machine with other work may be too slow for what has to be in time.
 */
const FACTOR = 60;

const { setTimeout: timer } = globalThis;
const { now } = Date;
const begin = now();

Date.now = (): number => begin + (now() - begin) * FACTOR;
globalThis.setTimeout = ((run: () => void, milliseconds = 0) => timer(run, milliseconds / FACTOR)) as typeof setTimeout;
AbortSignal.timeout = (milliseconds: number): AbortSignal => {
  const controller = new AbortController();
  timer(() => {
    controller.abort();
  }, milliseconds / FACTOR).unref();
  return controller.signal;
};
