import { toHex } from '../../base/bytes.ts';
import { pathExists } from '../../base/private-file.ts';
import { signalBytes } from '../../node/ledger-circuits.ts';
import { connectNode } from '../client.ts';
import type { CliContext } from '../context.ts';
import { fields, time } from '../text.ts';
import { readProposal } from './vote-files.ts';
import { electorateOf, idFrom, proposalOf, tallyOf } from './vote-records.ts';

export async function showProposal(context: CliContext, given: string): Promise<void> {
  const file = (await pathExists(given)) ? await readProposal(given) : undefined;
  const id = idFrom(file?.proposal ?? given, '<proposal>');
  const node = await connectNode(context);
  const record = await proposalOf(node, id);
  const [electorate, votes] = await Promise.all([
    electorateOf(node, idFrom(record.electorate, 'electorate')),
    tallyOf(node, id, record.options),
  ]);
  // Words that are not those of the record are somebody's invention.
  const isOfFile = file !== undefined && toHex(signalBytes(file.scope)) === record.question;
  const state = record.state === 'open' && Date.now() >= record.deadline ? 'ended, to be executed' : record.state;
  const shown = {
    proposal: toHex(id),
    ...record,
    state,
    mode: electorate.mode,
    words: isOfFile ? { question: file.question, options: file.options } : null,
    votes: votes.map(String),
  };
  context.result(
    shown,
    fields([
      ['proposal', shown.proposal],
      [
        'question',
        isOfFile ? file.question : `hash ${record.question}${file === undefined ? '' : ', NOT that of the file'}`,
      ],
      ['state', state],
      ['until', time(Math.floor(record.deadline / 1000))],
      ['electorate', `${record.electorate}, ${electorate.mode}`],
      ['quorum', record.quorum],
      ...votes.map((count, i) => [`${i}${isOfFile ? ` ${file.options[i] ?? ''}` : ''}`, String(count)] as const),
    ]),
  );
}
