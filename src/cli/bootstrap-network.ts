/**
 * One-shot of compose.yaml. An address must name its peer, and a peer's name comes from its key: so this makes the first
 * peer's transport key where there is none, and writes the config file from which all peers of the network start.
 *
 * node src/cli/bootstrap-network.ts <data folder> <address without /p2p> <config file>
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadIdentity } from '../overlay/identity.ts';

const [dataDir, address, file] = process.argv.slice(2);
if (dataDir === undefined || address === undefined || file === undefined) {
  throw new Error('usage: bootstrap.ts <data folder> <address without /p2p> <config file>');
}
const { publicKey } = await loadIdentity(join(dataDir, 'overlay'));
const bootstrap = [`${address}/p2p/${publicKey.toString()}`];
await writeFile(file, `${JSON.stringify({ p2p: { bootstrap } }, null, 2)}\n`, { mode: 0o600 });
process.stdout.write(`${bootstrap.join()}\n`);
