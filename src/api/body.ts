import type { FastifyInstance } from 'fastify';
import { sha256 } from '../base/bytes.ts';
import { ApiErrorCode } from './codes.ts';
import { ApiError } from './errors.ts';

/** Deeper than any body of ours, and far from what recursive code would trip over. */
const MAX_DEPTH = 32;

/** `application/json` alone, strict UTF-8, no `__proto__`, bounded depth; keeps the digest of the bytes. */
export function registerBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    request.bodyDigest = sha256(bytes);
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      done(new ApiError(ApiErrorCode.BodyNotUtf8, 'the body is not UTF-8', { where: 'body' }));
      return;
    }
    if (depthOf(text) > MAX_DEPTH) {
      done(new ApiError(ApiErrorCode.BadJson, `the body nests deeper than ${MAX_DEPTH} levels`, { where: 'body' }));
      return;
    }
    // The parser calls back synchronously and returns nothing.
    void parseJson(request, text, done);
  });
}

/** Greatest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}
