import { z } from 'zod';
import type { Call } from '../ledger/programs/call.ts';

type Shape = Record<string, z.ZodType>;
type Input<S extends Shape> = { [K in keyof S]: z.output<S[K]> };

export interface Entry {
  /** `program.operation`. */
  readonly name: string;
  readonly schema: z.ZodObject<{ operation: z.ZodLiteral<string> }>;
  make(signer: Uint8Array, input: object): Call;
}

/** One operation as JSON, and how it becomes a call. */
export function entry<S extends Shape>(
  name: string,
  shape: S,
  make: (signer: Uint8Array, input: Input<S>) => Call,
): Entry {
  const schema = z.strictObject({ operation: z.literal(name), ...shape });
  return {
    name,
    schema: schema as unknown as Entry['schema'],
    make: (signer, input) => {
      const { operation: _, ...fields } = input as Input<S> & { operation: string };
      return make(signer, fields as unknown as Input<S>);
    },
  };
}
