import { createHash } from 'node:crypto';
import { basename } from 'node:path';

/**
 * How much is tried of what is long, by `TEST_SAMPLE`:
 * - `few`: half the power cuts of `some`, and of suites that take long, a sixth of the tests. `npm test` does.
 * - `some`: one of the shells for each suite, a few power cuts, a few random inputs. Jest by itself does.
 * - `many`: everything, but one of about eight power cuts. `npm run test:many` does, and so does `.ci/run`.
 * - `all`: every power cut too, which takes a quarter of an hour more.
 */
const SHARE_OF_CUTS: Readonly<Record<string, number>> = { few: 0.5, some: 1, many: 6, all: Infinity };

const level = process.env.TEST_SAMPLE ?? 'some';
const share = SHARE_OF_CUTS[level];
if (share === undefined)
  throw new Error(`TEST_SAMPLE is ${level}; it must be one of ${Object.keys(SHARE_OF_CUTS).join(', ')}`);

/** Whether only a sample is tried, which `TEST_SEED` chooses. */
const isSample = level === 'few' || level === 'some';

/** Whether of a suite that takes long only some tests are tried. */
export const isFewTests = level === 'few';

/** A number below `limit`: the same for the same seed and the same suite, so that what fails fails again. */
export function chosen(limit: number): number {
  const suite = basename(expect.getState().testPath ?? '');
  const hash = createHash('sha1')
    .update(`${process.env.TEST_SEED ?? '1'} ${suite}`)
    .digest();
  return hash.readUInt32BE(0) % limit;
}

/** One of those in a sample, else all of them. */
export function oneOf<Item>(all: readonly Item[]): readonly Item[] {
  return isSample && all.length > 0 ? [all[chosen(all.length)]!] : all;
}

/** Every so many in a sample, else all of them. Where there are no more than that, all. */
export function everyFew<Item>(all: readonly Item[], stride: number): readonly Item[] {
  return isSample && all.length > stride ? all.filter((_, index) => index % stride === chosen(stride)) : all;
}

/** How many random inputs are tried. @param whole how many outside of a sample */
export function runs(whole: number): number {
  return isSample ? Math.ceil(whole / 10) : whole;
}

/**
 * Every how many moments, or disks that a cut may leave, the power is cut.
 *
 * @param usual in a sample; 1 with `TEST_SAMPLE=all`
 */
export function cutStride(usual: number): number {
  return Math.max(1, Math.round(usual / share!));
}

/** Before the first cut of a sample so many moments are left out. @param shortest how many there are at least */
export function beforeFirstCut(shortest: number): number {
  return isSample ? chosen(shortest) : 0;
}
