import { validatorCompiler } from 'fastify-type-provider-zod';
import type { ApiApp } from './context.ts';

/** For routes that take bytes as they are, besides JSON: no text in between, and half of its size. */

export const OCTETS = 'application/octet-stream';

/** The routes of this part of the app take bytes, which come to them as a Uint8Array, past the schema of the JSON. */
export function takeOctets(part: ApiApp): void {
  part.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => {
    // A copy: what Node gives may be part of a larger buffer, which would be held as long as this one.
    done(null, Uint8Array.from(body as Buffer));
  });
  part.setValidatorCompiler((route: Parameters<typeof validatorCompiler>[0]) => {
    const validate = validatorCompiler(route);
    return (data: unknown) => (data instanceof Uint8Array ? { value: data } : validate(data));
  });
}
