/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** So many of a list, in the order that a seed gives them; all of them without a number. */
export function sample(list, count, seed) {
  const random = randomFrom(seed);
  const shuffled = [...list];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  return shuffled.slice(0, count ?? shuffled.length);
}

/** How probable it is that at most so many of a number of trials succeed, each with the same probability. */
export function atMost(successes, trials, probability) {
  if (probability >= 1) return 0;
  let exactly = (1 - probability) ** trials;
  let sum = exactly;
  for (let k = 1; k <= successes; k++) {
    exactly *= ((trials - k + 1) / k) * (probability / (1 - probability));
    sum += exactly;
  }
  return sum;
}
