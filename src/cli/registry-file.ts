import { join } from 'node:path';
import { isCodedError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import type { VerifiedRegistry } from '../issuer/interface.ts';
import type { CliContext } from './context.ts';
import { CliError, CliErrorCode } from './errors.ts';
import { readJson } from './files.ts';

/** A quarter of a million entries of 40 digits, and as many revocations. */
const MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024;

/** Where `registry import` keeps the snapshot: `prove` reads it, and a node that starts takes it in. */
export function snapshotFile(dataDir: string): string {
  return join(dataDir, 'registry-snapshot.json');
}

/** Checks a snapshot against the network's registry key. @throws RegistryError, CliError CLI_NOTHING_THERE */
export async function checkSnapshot(
  context: CliContext,
  content: unknown,
  atLeastSequence?: number,
): Promise<VerifiedRegistry> {
  const [{ verifyRegistry }, { prepareHashing }] = await Promise.all([
    import('../issuer/snapshot.ts'),
    import('../crypto/index.ts'),
  ]);
  const { config, paths } = await context.settings();
  await prepareHashing(config.engine, { many: false });
  const registryKey = config.network.registryKey ?? (await ownKey(paths.registryDir));
  if (registryKey === undefined) {
    throw new CliError(CliErrorCode.NothingThere, 'the network’s registry key is not known here', {
      where: 'network.registryKey',
      hint:
        'set it to the key that the registry’s operator published: in the config file, or with --set ' +
        'network.registryKey=<hex>; in a new data folder: zkbazaar init --registry-key <hex>',
    });
  }
  return verifyRegistry(content, { registryKey, network: config.network.name, atLeastSequence });
}

/**
 * Checks a snapshot, and that it is no older than the one kept: an old one would bring revoked credentials back.
 * @throws RegistryError, among them REGISTRY_ROLLED_BACK; CliError CLI_NOTHING_THERE
 */
export async function checkNewSnapshot(context: CliContext, content: unknown): Promise<VerifiedRegistry> {
  // What does not verify any more, say of another network key, holds nothing up.
  const kept = await loadSnapshot(context).catch(() => undefined);
  return checkSnapshot(context, content, kept?.header.sequence);
}

/** The snapshot in use: a named file, or what `registry import` kept. */
export async function loadSnapshot(context: CliContext, file?: string): Promise<VerifiedRegistry> {
  if (file !== undefined) return checkSnapshot(context, await readJson(file));
  const { paths } = await context.settings();
  const bytes = await readPrivateFile(snapshotFile(paths.dataDir), MAX_SNAPSHOT_BYTES).catch((error: unknown) => {
    if (!isCodedError(error) || error.code !== 'FILE_NOT_FOUND') throw error;
    throw new CliError(CliErrorCode.NothingThere, 'there is no registry snapshot here', {
      hint: 'import one with zkbazaar registry import <snapshot.json>',
    });
  });
  return checkSnapshot(context, JSON.parse(bytes.toString('utf8')) as unknown);
}

/** A machine that runs the registry trusts its own key. */
async function ownKey(dir: string): Promise<string | undefined> {
  const { openRegistry } = await import('../issuer/index.ts');
  const open = await openRegistry({ dir }).catch((error: unknown) => {
    if (isCodedError(error) && error.code === 'REGISTRY_NOT_FOUND') return undefined;
    throw error;
  });
  const key = open === undefined ? undefined : (await open.state()).registryKey;
  open?.close();
  return key;
}
