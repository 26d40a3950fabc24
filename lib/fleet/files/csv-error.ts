import type { Problem } from '../../core/problem';
import { LineIndex } from './text-positions';
import { UnreadableFile } from './unreadable-file';

/** The largest row that is read, in bytes. */
export const LARGEST_ROW = 64 * 1024;

/** The parser's error for a text that it cannot read. */
export interface CsvParserError {
  readonly code: string;
  /** Where the faulty field begins: the offset of the delimiter before it, or of the end of the previous row. */
  readonly bytes: number;
  /** The field's number in its row, counted from 0. */
  readonly column: number;
}

const DOUBLE = 'Put the whole field in quotes, and write each quote that belongs to it twice: "6"" pipe".';

/** The problem of a table, and its position as people would look for it. */
export function csvError({ code, bytes, column }: CsvParserError, table: CsvBytes): UnreadableFile {
  const { begin, end } = table.field(bytes);
  const told = (line: number, problem: Omit<Problem, 'field'>): UnreadableFile =>
    new UnreadableFile(problem, { line, column: column + 1 });
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return told(begin, {
        given: 'a quote that begins a field and is never closed',
        allowed: 'fields with a quote at both ends, or at none',
        remedy: `Close the quote. ${DOUBLE}`,
      });
    case 'INVALID_OPENING_QUOTE':
      return told(begin, {
        given: 'a quote in the middle of a field',
        allowed: 'quotes around a whole field only',
        remedy: DOUBLE,
      });
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return told(end ?? begin, {
        given: 'text behind the quote that closes a field',
        allowed: `nothing between that quote and the next ${nameOf(table.delimiter)} or the end of the line`,
        remedy: `${DOUBLE}${end === begin ? '' : ` It begins on line ${begin}: is the quote at its end missing?`}`,
      });
    case 'CSV_MAX_RECORD_SIZE':
      return told(begin, {
        given: `${end === undefined ? 'a field in quotes that has not ended' : 'a row that has not ended'} after ${KIB} KiB`,
        allowed: `rows of at most ${KIB} KiB`,
        remedy: `${end === undefined ? 'Close the quote' : 'Shorten it'}, or put what is long into a YAML file.`,
      });
    default:
      return told(begin, {
        given: 'text that is no table from here on',
        allowed: `fields with a ${nameOf(table.delimiter)} between them, each row on a line of its own`,
        remedy: 'Save the table as CSV again, from the program that it was made with.',
      });
  }
}

const KIB = LARGEST_ROW / 1024;

/**
 * A table indexed by bytes, because the parser's count of lines is wrong: it counts Windows line breaks within quotes
 * twice.
 */
export class CsvBytes {
  readonly delimiter: string;
  /** A character for each byte. */
  readonly #bytes: string;
  readonly #skippedLines: number;
  readonly #lines: LineIndex;

  /** @param skippedLines lines of the file before the text */
  constructor(text: string, delimiter: string, skippedLines: number) {
    this.delimiter = delimiter;
    this.#bytes = Buffer.from(text, 'utf8').toString('latin1');
    this.#skippedLines = skippedLines;
    this.#lines = new LineIndex(this.#bytes.replace(/\r(?!\n)/g, '\n'));
  }

  /** The last line of a row that ends at an offset. */
  lastLine(end: number): number {
    return this.#line(end - (/(?:\r\n|\n|\r)$/.exec(this.#bytes.slice(Math.max(0, end - 2), end))?.[0].length ?? 0));
  }

  /** The lines of a field. A quoted field has no end if it is not closed within the largest row. */
  field(before: number): { readonly begin: number; readonly end: number | undefined } {
    const blank = this.#bytes.charAt(before) === this.delimiter ? before + 1 : before;
    const start = blank + (/^\s*/.exec(this.#bytes.slice(blank, blank + LARGEST_ROW))?.[0].length ?? 0);
    const [quoted] = /^"(?:[^"]|"")*(?:"(?!")|$)/.exec(this.#bytes.slice(start, start + LARGEST_ROW)) ?? [];
    const begin = this.#line(start);
    if (quoted === undefined) return { begin, end: begin };
    const isClosed = quoted.length > 1 && /(?:^|[^"])(?:"")*"$/.test(quoted.slice(1));
    return { begin, end: isClosed ? this.#line(start + quoted.length - 1) : undefined };
  }

  #line(offset: number): number {
    return this.#lines.position(offset).line + this.#skippedLines;
  }
}

/** What separates fields, in words. */
export function nameOf(delimiter: string): string {
  return { ',': 'comma', ';': 'semicolon', '\t': 'tab' }[delimiter] ?? delimiter;
}
