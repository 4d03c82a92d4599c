import { CsvError, parse } from 'csv-parse/sync';
import { IssuerError, IssuerErrorCode } from './errors.ts';

/** Twice the size of OFAC's whole list; a custodian with more accounts splits its export. */
export const MAX_INPUT_BYTES = 32 * 1024 * 1024;
/** The longest honest field is a remark of about 1,000 characters; a missing quote swallows the rest of a file. */
const MAX_RECORD_BYTES = 64 * 1024;

export interface CsvRow {
  /** Line on which the record starts, from 1. */
  line: number;
  cells: string[];
}

export interface CsvTable {
  rows: CsvRow[];
  /** Records that are no CSV, by the line on which reading gave up. */
  bad: { line: number; reason: string }[];
}

/**
 * Text of an exported file: UTF-8 or UTF-16 by its mark, else UTF-8, else Windows-1252, which banks still write.
 * @throws IssuerError ISSUER_BAD_CSV for a binary or too large file
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length > MAX_INPUT_BYTES) {
    throw new IssuerError(
      IssuerErrorCode.BadCsv,
      `the file has ${bytes.length} bytes; at most ${MAX_INPUT_BYTES} are read`,
    );
  }
  const text = decode(bytes);
  if (text.includes('\0')) throw new IssuerError(IssuerErrorCode.BadCsv, 'the file is binary, not text');
  return text;
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * Records with their line numbers. Rows of any width are returned; the caller knows how many cells it wants. Quotes are
 * read strictly: taken loosely, one that is missing would merge two records into one of the right width.
 */
export function parseCsv(text: string, delimiter: string): CsvTable {
  const bad: { line: number; reason: string }[] = [];
  const rows: CsvRow[] = [];
  /** Line after the last record, good or bad: where the next one starts. */
  let next = 1;
  // One kind of line break: files that mix them would be counted wrongly.
  const lines = text.replace(/\r\n?/g, '\n');
  const lineCount = lines.trimEnd().split('\n').length;
  const skip = (error: CsvError | undefined): undefined => {
    const last = linesOf(error) ?? next;
    // The parser may complain more than once about one record, and at last about the end of the file.
    if (last < next || next > lineCount) return undefined;
    const reach = last > next ? ` (the record reaches line ${last})` : '';
    bad.push({ line: next, reason: `${reasonOf(error)}${reach}` });
    next = last + 1;
    return undefined;
  };
  try {
    parse(lines, {
      delimiter,
      record_delimiter: '\n',
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: MAX_RECORD_BYTES,
      on_skip: skip,
      on_record: (cells: string[], context) => {
        // `lines` counts to the record's last line; a quoted field may span several.
        const breaks = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
        rows.push({ line: context.lines - breaks, cells });
        next = context.lines + 1;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    skip(error);
  }
  return { rows, bad };
}

/** The most frequent of `;`, tab and `,` outside quotes in the first line that has any text. */
export function guessDelimiter(text: string): string {
  const line = /^\s*(.*)$/m.exec(text.slice(0, MAX_RECORD_BYTES))?.[1] ?? '';
  const bare = line.replace(/"[^"]*"/g, '');
  const counts = [';', '\t', ','].map((mark): [string, number] => [mark, bare.split(mark).length]);
  return counts.sort((a, b) => b[1] - a[1])[0]?.[0] ?? ',';
}

function linesOf(error: CsvError | undefined): number | undefined {
  const lines: unknown = error?.['lines'];
  return typeof lines === 'number' ? lines : undefined;
}

/** csv-parse's own text quotes the record, which may be personal data; only its code is passed on, in words. */
function reasonOf(error: CsvError | undefined): string {
  switch (error?.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed';
    case 'CSV_MAX_RECORD_SIZE':
      return `the record is longer than ${MAX_RECORD_BYTES} bytes; a quote may be missing`;
    case 'INVALID_OPENING_QUOTE':
      return 'a quote stands inside an unquoted field';
    default:
      return 'quotes and separators do not fit together';
  }
}
