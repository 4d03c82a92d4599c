import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fetchBlob } from '../../../src/overlay/blobs.ts';
import { BLOB_CHUNK_BYTES, BLOB_PEER_TIMEOUT_MS } from '../../../src/overlay/constants.ts';
import { OverlayError } from '../../../src/overlay/index.ts';

const content = Buffer.alloc(3 * BLOB_CHUNK_BYTES, 7);
const hash = createHash('sha256').update(content).digest('hex');

/** The answer of a peer that has the content. */
function chunkOf(data: Uint8Array): Uint8Array {
  const total = Buffer.alloc(4);
  total.writeUInt32BE(content.length);
  const offset = Buffer.from(data).readUInt32BE(32);
  return Buffer.concat([total, content.subarray(offset, offset + BLOB_CHUNK_BYTES)]);
}

test('a peer that hands out content drop by drop is passed over for one that has it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let drops = 0;
  const blob = await fetchBlob(hash, ['slow', 'honest'], async (peer, data, { signal }) => {
    if (peer === 'honest') return chunkOf(data);
    drops += 1;
    // Each answer comes in time for its own request.
    t.mock.timers.tick(BLOB_PEER_TIMEOUT_MS / 2 + 1);
    if (signal?.aborted === true) throw new OverlayError('OVERLAY_ABORTED', 'aborted');
    return chunkOf(data);
  });
  assert.deepEqual(Buffer.from(blob), content);
  assert.equal(drops, 2);
});

test('OVERLAY_BLOB_NOT_FOUND: every peer plays for time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const slow = async (_peer: string, _data: Uint8Array, { signal }: { signal?: AbortSignal }) => {
    t.mock.timers.tick(BLOB_PEER_TIMEOUT_MS + 1);
    assert.equal(signal?.aborted, true);
    throw new OverlayError('OVERLAY_ABORTED', 'aborted');
  };
  await assert.rejects(fetchBlob(hash, ['a', 'b'], slow), { code: 'OVERLAY_BLOB_NOT_FOUND' });
});
