import type { Policy } from '../claims/interface.ts';
import { MAX_POLICY_CHARS, parsePolicy, policyFromJson, underline } from '../claims/policy/index.ts';
import type { CliContext } from './context.ts';
import { CliError, CliErrorCode } from './errors.ts';

/**
 * A policy as the user typed it: its text, or its JSON form. Underlines the word at fault on standard error.
 * @throws PolicyError with a position, CliError CLI_NOT_JSON
 */
export function readPolicy(context: CliContext, text: string): Policy {
  if (text.trimStart().startsWith('{')) return policyFromJson(parseJson(text));
  try {
    return parsePolicy(text);
  } catch (error) {
    const { span } = error as { span?: Parameters<typeof underline>[1] };
    if (span !== undefined) context.note(underline(text, span));
    throw error;
  }
}

function parseJson(text: string): unknown {
  if (text.length > 4 * MAX_POLICY_CHARS) throw new CliError(CliErrorCode.BadArgument, 'this policy is too long');
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(CliErrorCode.NotJson, 'the policy begins with { but is not JSON', { where: 'policy' });
  }
}
