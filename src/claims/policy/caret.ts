import type { PolicySpan } from '../interface.ts';

/**
 * The line of a policy with the word at fault underlined, for terminals:
 * ```
 * age >= 18 or kyc >= 2
 *           ^^
 * ```
 */
export function underline(text: string, span: PolicySpan): string {
  const line = (text.split('\n')[span.line - 1] ?? '').replace(/[\t\r]/g, ' ');
  const width = Math.max(1, Math.min(span.end - span.start, line.length - span.column + 1));
  return `${line}\n${' '.repeat(span.column - 1)}${'^'.repeat(width)}`;
}
