import { IssuerError, IssuerErrorCode } from './errors.ts';
import { isHolder } from './fields.ts';
import type { Registrations } from './interface.ts';

const MAX_REGISTRATIONS = 1_000_000;

/**
 * Reads which holder each customer registered: `{ "C-1001": "1234…" }`, or an array of `{ "customer", "holder" }`.
 * @param input parsed JSON
 * @throws IssuerError ISSUER_BAD_REGISTRATIONS: malformed, a bad commitment, one customer twice
 */
export function readRegistrations(input: unknown): Registrations {
  const entries = Array.isArray(input) ? input.map(pairOf) : Object.entries(asObject(input, 'registrations'));
  if (entries.length > MAX_REGISTRATIONS) throw bad(`more than ${MAX_REGISTRATIONS} registrations`);
  const registrations = new Map<string, string>();
  for (const [index, [customer, holder]] of entries.entries()) {
    const where = `registration ${index + 1}`;
    if (typeof customer !== 'string' || customer.trim() === '') throw bad('the customer id is empty', where);
    if (!isHolder(holder)) throw bad('the holder commitment is no canonical decimal in the field', where);
    if (registrations.has(customer.trim())) throw bad('the customer is registered twice', where);
    registrations.set(customer.trim(), holder);
  }
  return registrations;
}

function pairOf(item: unknown): [unknown, unknown] {
  const entry = asObject(item, 'a registration');
  return [entry['customer'], entry['holder']];
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`${what} is no object`);
  return value as Record<string, unknown>;
}

function bad(message: string, where?: string): IssuerError {
  return new IssuerError(IssuerErrorCode.BadRegistrations, message, { where });
}
