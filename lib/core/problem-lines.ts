import type { Problem } from './problem';

/** People read the message. The rest is in `problems` of the error, and in the report of a fleet. */
const MOST_LINES = 100;
/** Up to this many problems with one cause are listed one by one. */
const MOST_ALIKE = 5;
/** How many further places of a cause are shown. */
const MORE_PLACES = 2;

/** Problems as lines of a message: a cause that many places share is reported once, and there are not more lines than one reads. */
export function problemLines(problems: readonly Problem[], report?: string): readonly string[] {
  const groups = new Map<string, Problem[]>();
  const groupOf = problems.map((each) => {
    const cause = causeOf(each);
    const group = groups.get(cause) ?? [];
    if (group.length === 0) groups.set(cause, group);
    group.push(each);
    return group;
  });
  const lines: string[] = [];
  let told = 0;
  const summarized = new Set<readonly Problem[]>();
  for (const [i, each] of problems.entries()) {
    const group = groupOf[i] ?? [];
    if (summarized.has(group)) continue;
    if (lines.length >= MOST_LINES) break;
    lines.push(lineOf(each));
    if (group.length <= MOST_ALIKE) told++;
    else {
      summarized.add(group);
      told += group.length;
      lines.push(alike(group));
    }
  }
  const left = problems.length - told;
  if (left > 0) lines.push(`  ... and ${left} more`);
  if (left > 0 || summarized.size > 0) {
    lines.push(
      `  The full list is in ${report ?? "the error's `problems`; a Fleet writes them to its reportFile, if it has one"}.`,
    );
  }
  return lines;
}

function lineOf({ field, given, allowed, remedy }: Problem): string {
  return `  - ${field}: given ${given}; allowed: ${allowed}. ${remedy}`;
}

function alike(group: readonly Problem[]): string {
  const places = group.slice(1, 1 + MORE_PLACES).map(({ field, given }) => `${field} (${given})`);
  const rest = group.length - 1 - places.length;
  return `    The same ${group.length - 1} more times: ${places.join(', ')}${rest > 0 ? `, and in ${rest} other places` : ''}`;
}

/** What problems of one cause have in common: the prop, and the words without names and numbers. */
function causeOf({ field, allowed, remedy }: Problem): string {
  const prop = /[.\s]([A-Za-z]+)(?:\[\d+\])*$/.exec(field)?.[1] ?? '';
  return `${prop}\0${withoutNames(allowed)}\0${withoutNames(remedy)}`;
}

function withoutNames(text: string): string {
  return text.replace(/'[^']*'|\d+/g, '');
}
