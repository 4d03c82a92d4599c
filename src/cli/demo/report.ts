import type { CliContext } from '../context.ts';
import { reportOf } from '../errors.ts';
import type { Attacks } from './attacks.ts';
import { BICYCLES } from './cast.ts';
import type { DemoNetwork } from './network.ts';
import { type Script, table } from './script.ts';
import type { Settlement } from './settlement.ts';

/** What the trade came to, and what the attacks did. */
export function sayResult(script: Script, { settlement, attacks }: { settlement: Settlement; attacks: Attacks }): void {
  script.heading('Result');
  script.say('  the order: proposed, qualified, accepted, signed by both');
  script.say(`  the settlement: ${settlement.summary}`);
  script.say();
  const lines = [
    ...table([
      ['attack on the market', 'refused by', 'code', 'reached P2-P4'],
      ...attacks.rows.map(({ name, code, reached }) => [name, 'P1', code, reached === 0 ? 'no' : 'YES']),
    ]),
    '',
    ...table([
      ['attack on the ledger', 'refused by', 'code', 'came of it'],
      ...settlement.attacks.rows.map(({ name, refusedBy, code, changed }) => [name, refusedBy, code, changed]),
    ]),
  ];
  for (const line of lines) script.say(`  ${line}`.trimEnd());
}

/** The last words: verdict and time, and how to reach a network that stays; with --json the report. */
export function finish(
  context: CliContext,
  script: Script,
  { failure, network }: { failure?: unknown; network?: DemoNetwork },
): void {
  const ms = Math.round(performance.now() - script.started);
  const ok = failure === undefined;
  script.say();
  if (ok) script.say(`  everything as expected, after ${(ms / 1000).toFixed(1)} s`);
  else script.say(`  NOT as expected: ${reportOf(failure).code}: ${reportOf(failure).message}`);
  const running = network?.peers.map(({ name, url, dir, tokenFile }) => ({
    name,
    url,
    docs: `${url}/docs`,
    tokenFile,
    dataDir: dir,
  }));
  if (running !== undefined) {
    script.say();
    script.say('  The network keeps running; Ctrl-C ends it and removes its folder.');
    for (const { name, docs, tokenFile } of running) script.say(`  ${name}  ${docs}   tokens: ${tokenFile}`);
    for (const verb of ['offer list', `ledger account tom --asset ${BICYCLES}`]) {
      script.say(`  try: npx zkbazaar --data-dir ${running[0]?.dataDir} ${verb}`);
    }
  }
  if (context.options.json === true) {
    const more = {
      ...(ok ? {} : { error: reportOf(failure) }),
      ...(running === undefined ? {} : { network: running }),
    };
    process.stdout.write(`${JSON.stringify({ ok, steps: script.steps, ms, ...more })}\n`);
  }
}
