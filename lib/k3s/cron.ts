import { rule } from '../core/rules';
import type { Rule } from '../core/rule';

interface CronField {
  readonly min: number;
  readonly max: number;
  /** Names that stand for numbers, from `min` on. */
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly CronField[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

/**
 * A schedule as K3s reads it.
 * @see https://pkg.go.dev/github.com/robfig/cron/v3#hdr-CRON_Expression_Format
 */
export function cronSchedule(): Rule {
  return rule(
    isSchedule,
    'a schedule of five fields (minute, hour, day, month, day of the week), @daily and the like, or @every 1h',
    'Write it like 0 */12 * * *.',
  );
}

function isSchedule(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const text = value.replace(/^(?:CRON_TZ|TZ)=[\w+/-]+ +/, '');
  if (/^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(text)) return true;
  if (text.startsWith('@every ')) return /^@every (?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text);
  const fields = text.split(/ +/);
  return fields.length === FIELDS.length && FIELDS.every((field, i) => isField(fields[i] ?? '', field));
}

function isField(text: string, field: CronField): boolean {
  return text.split(',').every((part) => {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return false;
    if (range === '*' || range === '?') return true;
    const [from, to, ...rest] = range.split('-').map((each) => numberOf(each, field));
    return rest.length === 0 && from !== undefined && (range.includes('-') ? to !== undefined && from <= to : true);
  });
}

function numberOf(text: string, { min, max, names }: CronField): number | undefined {
  const name = names.indexOf(text.toLowerCase());
  const value = name >= 0 ? name + min : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
