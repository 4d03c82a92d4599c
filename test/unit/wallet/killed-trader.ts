/** Run by `durability.test.ts`: adds pseudonyms without end and prints each one that it was promised, until killed. */
import { toHex } from '../../../src/base/bytes.ts';
import { ed25519PublicKey, newEd25519Seed } from '../../../src/base/ed25519.ts';
import { Keystore } from '../../../src/wallet/keystore.ts';
import { PASSPHRASE, SCRYPT } from './make.ts';

// The keystore alone: a whole wallet would spend its short life loading hash functions.
const keystore = await Keystore.open(process.argv[2] ?? '', PASSPHRASE, SCRYPT);
for (let i = 0; ; i++) {
  const seed = newEd25519Seed();
  const publicKey = toHex(ed25519PublicKey(seed));
  await keystore.update((vault) => {
    vault.pseudonyms.push({ publicKey, purpose: 'order', label: String(i), createdAt: i });
    vault.seeds.push(seed);
  });
  process.stdout.write(`${publicKey}\n`);
}
