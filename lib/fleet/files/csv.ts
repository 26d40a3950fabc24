import type * as CsvParse from 'csv-parse/sync';
import { CsvBytes, type CsvParserError, csvError, LARGEST_ROW, nameOf } from './csv-error';
import type { Position } from './text-positions';
import type { SiteNode } from '../site';
import { showGiven } from '../../core/given';
import { nearest } from '../../core/rules';
import { DEEPEST_VALUE } from '../checks/site-rules';
import { type FileContent, UnreadableFile } from './unreadable-file';

const PLAIN_COLUMNS = ['name', 'template', 'region', 'ring', 'network', 'autonomyLevel'] as const;
const MAP_COLUMNS = ['clusters', 'ranges', 'labels', 'values'] as const;
const ALLOWED = `${PLAIN_COLUMNS.join(', ')}, nodes, ${MAP_COLUMNS.map((name) => `${name}.<key>`).join(', ')}`;

interface Row {
  readonly record: readonly string[];
  /** Its first line. */
  readonly line: number;
}

/** Names of columns; `undefined` for those with nothing in them. */
type Columns = readonly (string | undefined)[];

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * Reads a table of sites: a header line, then one site a line. Empty fields are left out. Nodes are in one field:
 * `edge1=192.168.1.10 edge2=192.168.1.11`. Commas, semicolons or tabs separate the fields.
 * @see https://csv.js.org/parse/
 */
export function readCsv(text: string): FileContent {
  const { delimiter, table, skippedLines } = delimiterOf(text);
  const [header, ...rows] = parseRows(table, delimiter, skippedLines);
  if (header === undefined) {
    throw new UnreadableFile({
      given: 'nothing',
      allowed: 'a header line and a line for each site',
      remedy: `Name the columns: ${ALLOWED}.`,
    });
  }
  const columns = header.record.map((name, i) =>
    // Spreadsheets keep columns that have been emptied.
    name === '' && rows.every(({ record }) => (record[i] ?? '') === '') ? undefined : name,
  );
  checkColumns(columns, header.line);
  // In a row with the wrong number of fields, it is unclear which is which.
  const isWhole = ({ record }: Row): boolean => record.length === columns.length;
  const whole = rows.filter(isWhole);
  const lines = whole.map((row) => row.line);
  return {
    data: { sites: whole.map((row) => siteOf(columns, row.record)) },
    locate: (field) => locate(field, columns, lines),
    problems: rows.filter((row) => !isWhole(row)).map((row) => lengthProblem(row, columns, delimiter)),
  };
}

/**
 * The character that separates fields. Spreadsheets use semicolons in locales with decimal commas, and some declare that in
 * a line of its own. Names of columns contain none of these characters.
 */
function delimiterOf(text: string): { delimiter: string; table: string; skippedLines: number } {
  const source = text.replace(/^\ufeff/, '');
  const [said, delimiter] = /^sep=([,;\t])\r?\n/.exec(source) ?? [];
  if (said !== undefined && delimiter !== undefined) {
    return { delimiter, table: source.slice(said.length), skippedLines: 1 };
  }
  const header = /[^\r\n]+/.exec(source)?.[0] ?? '';
  const count = (each: string): number => header.split(each).length;
  const most = DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
  return { delimiter: most, table: source, skippedLines: 0 };
}

function parseRows(text: string, delimiter: string, skippedLines: number): readonly Row[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded on first use only
  const { parse, CsvError } = require('csv-parse/sync') as typeof CsvParse;
  const table = new CsvBytes(text, delimiter, skippedLines);
  try {
    const rows = parse(text, {
      bom: true,
      delimiter,
      info: true,
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      max_record_size: LARGEST_ROW,
      relax_column_count: true,
    }) as unknown as readonly { readonly record: readonly string[]; readonly info: { readonly bytes: number } }[];
    const linesWithin = (record: readonly string[]): number => record.join('').split(/\r\n|\n|\r/).length - 1;
    return rows.map(({ record, info }) => ({ record, line: table.lastLine(info.bytes) - linesWithin(record) }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw csvError(error as unknown as CsvParserError, table);
  }
}

/** A row with more or fewer fields than the header, so it is unclear which field belongs to which column. */
function lengthProblem({ record, line }: Row, columns: Columns, delimiter: string): UnreadableFile {
  const [given, allowed] = [record.length, columns.length];
  const missing = columns.slice(given).map((name) => name ?? '(without a name)');
  const ofFields = (count: number): string => (count === 1 ? '1 field' : `${count} fields`);
  return new UnreadableFile(
    {
      given: `a row of ${ofFields(given)}`,
      allowed: `rows of ${ofFields(allowed)}, as many as the header names`,
      remedy:
        given < allowed
          ? `Add what is missing, empty fields too: ${showGiven(missing.join(', ')).slice(1, -1)}.`
          : `Remove what is too much; a field with a ${nameOf(delimiter)} in it stands in quotes.`,
    },
    { line, column: Math.min(given, allowed) + (given > allowed ? 1 : 0) },
  );
}

function checkColumns(columns: Columns, line: number): void {
  columns.forEach((name, i) => {
    if (name === undefined) return;
    const [map = '', ...keys] = split(name);
    if (keys.length > DEEPEST_VALUE) {
      throw new UnreadableFile(
        {
          given: `column ${showGiven(name)}, a name of ${keys.length + 1} parts`,
          allowed: `values nested at most ${DEEPEST_VALUE} levels deep`,
          remedy: 'Make it flatter: each dot is a level.',
        },
        { line, column: i + 1 },
      );
    }
    const isKnown =
      [...PLAIN_COLUMNS, 'nodes'].includes(name) ||
      (MAP_COLUMNS.some((each) => each === map) && keys.length > 0 && !keys.includes(''));
    const first = columns.indexOf(name);
    const within = columns.findIndex((each) => each !== undefined && isKnown && name.startsWith(`${each}.`));
    if (isKnown && first === i && within === -1) return;
    const allowed = !isKnown
      ? `columns ${ALLOWED}`
      : first === i
        ? `values or maps; '${columns[within] ?? ''}' is column ${within + 1}, and cannot be both`
        : `each column once; it is already column ${first + 1}`;
    const meant = isKnown ? '' : nearest(name, [...PLAIN_COLUMNS, 'nodes']);
    throw new UnreadableFile(
      { given: `column ${showGiven(name)}`, allowed, remedy: `Rename or remove the column.${meant}` },
      { line, column: i + 1 },
    );
  });
}

function siteOf(columns: Columns, record: readonly string[]): Record<string, unknown> {
  const site: Record<string, unknown> = {};
  columns.forEach((column, i) => {
    const value = record[i] ?? '';
    if (value === '' || column === undefined) return;
    const path = split(column);
    if (column === 'nodes') site.nodes = nodesOf(value);
    else setIn(site, path, value);
  });
  return site;
}

/** Sets an own key of a map, whatever its name is, even `__proto__`. */
function setIn(map: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: string): void {
  const inner = Object.hasOwn(map, key) ? map[key] : {};
  const own = rest.length === 0 ? value : inner;
  Object.defineProperty(map, key, { value: own, enumerable: true, configurable: true, writable: true });
  if (rest.length > 0) setIn(inner as Record<string, unknown>, rest, value);
}

/** Parses `edge1=192.168.1.10 edge2`, with any of the separators within a cell. */
function nodesOf(text: string): readonly SiteNode[] {
  return text
    .replace(/\s*=\s*/g, '=')
    .split(/[\s;,]+/)
    .filter((node) => node !== '')
    .map((node) => {
      const at = node.indexOf('=');
      return at === -1 ? { name: node } : { name: node.slice(0, at), address: node.slice(at + 1) };
    });
}

/** `labels.example.org/tier` is the key `example.org/tier` of the labels; `values.pos.port` is what it is in YAML. */
function split(column: string): readonly string[] {
  const dot = column.indexOf('.');
  if (dot === -1) return [column];
  const [map, key] = [column.slice(0, dot), column.slice(dot + 1)];
  return map === 'values' ? [map, ...key.split('.')] : [map, key];
}

/** The column is the number of the field in its line, as tables are counted. */
function locate(field: string, columns: Columns, lines: readonly number[]): Position {
  const [, index = '0', rest = ''] = /^sites\[([0-9]+)\]\.?(.*)$/.exec(field) ?? [];
  const column = columns.findIndex((name) => name !== undefined && (rest === name || rest.startsWith(`${name}[`)));
  return { line: lines[Number(index)] ?? 1, column: column + 1 || 1 };
}
