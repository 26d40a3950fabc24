import { needsValue } from '../placeholders/ask';
import { rule } from '../rules';
import type { Rule } from '../rule';

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * The milliseconds of a duration as Kubernetes writes them: `90s`, `10m`, `1h30m`; `undefined` for what is not one.
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: unknown): number | undefined {
  if (typeof text !== 'string' || !DURATION.test(text)) return undefined;
  const parts = [...text.matchAll(PART)].map(([, count, unit]) => Number(count) * (MILLISECONDS[unit ?? ''] ?? NaN));
  return Math.round(parts.reduce((sum, each) => sum + each, 0));
}

/** The seconds of a duration that has been checked. */
export function secondsOf(text: string): number {
  return (parseDuration(text) ?? Number.NaN) / 1000;
}

/** The shortest and longest duration allowed, both included, written as durations. */
export interface DurationOptions {
  readonly min: string;
  readonly max: string;
  /** What it has to be a multiple of. @default '1s' */
  readonly step?: string;
}

/** A duration as Kubernetes writes them: `90s`, `10m`, `1h30m`. */
export function duration({ min, max, step = '1s' }: DurationOptions): Rule {
  const [least = 0, most = 0, whole = 1] = [min, max, step].map(parseDuration);
  return needsValue(
    rule(
      (value) => {
        const given = parseDuration(value);
        return given !== undefined && given >= least && given <= most && given % whole === 0;
      },
      `a duration from ${min} to ${max}${step === '1s' ? '' : ` in steps of ${step}`}`,
      `Write it as Kubernetes does, like ${max.endsWith('h') ? '90s, 10m or 1h30m' : `${min} or 10m`}.`,
    ),
  );
}

/** A duration of any length, as controllers accept it. */
export function anyDuration(): Rule {
  return rule((value) => parseDuration(value) !== undefined, 'a duration', 'Write it like 10s, 10m or 1h30m.');
}
