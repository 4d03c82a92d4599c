import { parseDecimal } from '../base/field.ts';
import { type CircuitName, type Policy, PUBLIC_SIGNALS, type SignalName } from './interface.ts';
import { ATTRIBUTE_RULES } from './policy/index.ts';

/**
 * The value of one public signal.
 * @returns undefined where the circuit has no such signal or the list is too short
 */
export function readSignal(circuit: CircuitName, signals: readonly string[], name: SignalName): string | undefined {
  const names: readonly string[] = PUBLIC_SIGNALS[circuit];
  const at = names.indexOf(name);
  return at < 0 ? undefined : signals[at];
}

/** Every pledge that a proof shows: one per used account; unused slots show 0 and are left out. */
export function readPledges(circuit: CircuitName, signals: readonly string[]): string[] {
  const names: readonly string[] = PUBLIC_SIGNALS[circuit];
  return signals.filter((value, i) => names[i]?.startsWith('pledge') === true && value !== '0');
}

/** What a proof discloses, as the policy language writes it: `DE`, `2`. Undefined where nothing was asked for. */
export function readDisclosed(policy: Policy, disclosed: string): string | undefined {
  const attr = policy.credential?.disclose;
  const value = parseDecimal(disclosed);
  return attr === undefined || value === undefined ? undefined : ATTRIBUTE_RULES[attr].decode(value);
}
