/**
 * Writes `test/vectors/ledger/golden.json`: what the blocks of `test/unit/ledger/execute/golden-script.ts` come to. Run it
 * only after a change that is meant to change results: `node test/vectors/make-ledger-golden.ts`
 */
import { writeFileSync } from 'node:fs';
import { goldenOf } from '../unit/ledger/execute/golden-script.ts';

writeFileSync(new URL('./ledger/golden.json', import.meta.url), `${JSON.stringify(goldenOf(), null, 2)}\n`);
