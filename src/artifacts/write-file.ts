import { open, rename } from 'node:fs/promises';

/** Writes beside the target, syncs, renames: a reader sees the old file or the new one, never half of one. */
export async function writeFileAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o644);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}
