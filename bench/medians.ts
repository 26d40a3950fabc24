/** The one in the middle. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The median, and what it is of. */
export const shown = (values: readonly number[]): string =>
  `${median(values).toFixed(1)}   of ${values.map((value) => value.toFixed(1)).join(', ')}`;
