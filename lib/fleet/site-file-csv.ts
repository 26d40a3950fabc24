import type * as CsvParse from 'csv-parse/sync';
import type { Position } from './text-positions';
import type { SiteNode } from './site';
import { showGiven } from '../core/given';
import { type FileContent, UnreadableFile } from './unreadable-file';

const PLAIN_COLUMNS = ['name', 'template', 'region', 'ring', 'network', 'autonomyLevel'] as const;
const MAP_COLUMNS = ['clusters', 'ranges', 'labels', 'values'] as const;
const ALLOWED = `${PLAIN_COLUMNS.join(', ')}, nodes, ${MAP_COLUMNS.map((name) => `${name}.<key>`).join(', ')}`;

const LONGEST_ROW = 64 * 1024;

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a table of sites: a header line, then one site a line. A field that is empty is left out. Nodes stand in one
 * field: `edge1=192.168.1.10 edge2=192.168.1.11`.
 * @see https://csv.js.org/parse/
 */
export function readCsv(text: string): FileContent {
  const [header, ...rows] = parseRows(text);
  if (header === undefined) {
    throw new UnreadableFile({
      given: 'nothing',
      allowed: 'a header line and a line for each site',
      remedy: `Name the columns: ${ALLOWED}.`,
    });
  }
  const columns = header.record;
  checkColumns(columns, header.info.lines);
  const lines = rows.map((row) => row.info.lines);
  return {
    data: { sites: rows.map((row) => siteOf(columns, row.record)) },
    locate: (field) => locate(field, columns, lines),
  };
}

function parseRows(text: string): readonly Row[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded on first use only
  const { parse, CsvError } = require('csv-parse/sync') as typeof CsvParse;
  try {
    return parse(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_ROW,
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines, column } = error as unknown as { readonly lines?: number; readonly column?: unknown };
    throw new UnreadableFile(
      {
        given: 'a table that cannot be read',
        allowed: `comma-separated values, at most ${LONGEST_ROW / 1024} KiB a line`,
        remedy: `${showGiven(error.message.slice(0, 160)).slice(1, -1)}.`,
      },
      { line: lines ?? 1, column: typeof column === 'number' ? column + 1 : 1 },
    );
  }
}

function checkColumns(columns: readonly string[], line: number): void {
  columns.forEach((name, i) => {
    const [map = '', key = ''] = split(name);
    const isKnown =
      [...PLAIN_COLUMNS, 'nodes'].includes(name) || (MAP_COLUMNS.some((each) => each === map) && key !== '');
    const first = columns.indexOf(name);
    if (isKnown && first === i) return;
    throw new UnreadableFile(
      {
        given: `column ${showGiven(name)}`,
        allowed: isKnown ? `each column once; it is already column ${first + 1}` : `columns ${ALLOWED}`,
        remedy: 'Rename or remove the column.',
      },
      { line, column: i + 1 },
    );
  });
}

function siteOf(columns: readonly string[], record: readonly string[]): Record<string, unknown> {
  const site: Record<string, unknown> = {};
  columns.forEach((column, i) => {
    const value = record[i] ?? '';
    if (value === '') return;
    const [map = '', key] = split(column);
    if (column === 'nodes') site.nodes = nodesOf(value);
    else if (key === undefined) site[column] = value;
    else {
      const entries = (site[map] ??= {}) as Record<string, unknown>;
      Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true });
    }
  });
  return site;
}

function nodesOf(text: string): readonly SiteNode[] {
  return text.split(/[ ;]+/).map((node) => {
    const at = node.indexOf('=');
    return at === -1 ? { name: node } : { name: node.slice(0, at), address: node.slice(at + 1) };
  });
}

/** `labels.example.org/tier` is the key `example.org/tier` of the labels. */
function split(column: string): [string] | [string, string] {
  const dot = column.indexOf('.');
  return dot === -1 ? [column] : [column.slice(0, dot), column.slice(dot + 1)];
}

/** The column is the number of the field in its line, as tables are counted. */
function locate(field: string, columns: readonly string[], lines: readonly number[]): Position {
  const [, index = '0', rest = ''] = /^sites\[([0-9]+)\]\.?(.*)$/.exec(field) ?? [];
  const column = columns.findIndex((name) => rest === name || rest.startsWith(`${name}[`));
  return { line: lines[Number(index)] ?? 1, column: column + 1 || 1 };
}
