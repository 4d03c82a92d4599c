/** A process that opens a ledger and nothing else: `<folder> <capacity>`. Prints its resident memory in bytes, and the peak. */
import { readFileSync } from 'node:fs';
import { openLedger } from '../../src/ledger/ledger.ts';
import { GENESIS } from './ledger-genesis.ts';

const [folder = '', capacity = ''] = process.argv.slice(2);
const ledger = await openLedger({ folder, genesis: GENESIS, capacity: Number(capacity) });
const status = readFileSync('/proc/self/status', 'utf8');
const kibibytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
process.stdout.write(JSON.stringify({ resident: kibibytes('VmRSS'), peak: kibibytes('VmHWM') }));
await ledger.close();
