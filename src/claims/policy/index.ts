/** The policy language: text, canonical JSON, and what the circuits get of it. Grammar and semantics: docs/policy.md. */
export { underline } from './caret.ts';
export { circuitOf } from './compile.ts';
export { policyFromJson, policyJson, policySchema, readPolicyJson } from './json.ts';
export { parsePolicy } from './parser.ts';
export { printPolicy } from './printer.ts';
export { MAX_POLICY_CHARS } from './tokeniser.ts';
export {
  ATTRIBUTE_RULES,
  ATTRIBUTES,
  DEFAULT_FRESH_SECONDS,
  LIST_NAME,
  OPERATOR_CODES,
  SANCTIONS_LIST,
} from './vocabulary.ts';
