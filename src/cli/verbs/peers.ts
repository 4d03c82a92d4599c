import { fields, short, table } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

interface Peer {
  peerId: string;
  addresses: string[];
  direction: string;
  latencyMs?: number;
  agent?: string;
  mesh: string[];
  score: number;
}

export const define: DefineVerb = (program, context) => {
  const client = async () => (await import('../client.ts')).connectNode(context);
  const peers = program.command('peers').summary('See and connect peers').description('Peers of the running node.');
  peers
    .command('list', { isDefault: true })
    .description('Connected peers.')
    .action(async () => {
      const node = await client();
      const [info, { items }] = await Promise.all([
        node.get<{ peerId: string; addresses: string[] }>('/v1/node'),
        node.get<{ items: Peer[] }>('/v1/peers'),
      ]);
      const rows = items.map((peer) => [
        short(peer.peerId, 16),
        peer.direction,
        peer.addresses[0] ?? '-',
        peer.latencyMs === undefined ? '-' : `${Math.round(peer.latencyMs)} ms`,
        String(peer.mesh.length),
        peer.score.toFixed(1),
      ]);
      context.result(
        { self: info.peerId, addresses: info.addresses, peers: items },
        `${fields([
          ['this peer', info.peerId],
          ['addresses', info.addresses.join('\n           ') || '-'],
        ])}\n${table(['peer', 'direction', 'address', 'latency', 'meshes', 'score'], rows)}`,
      );
    });
  peers
    .command('connect')
    .argument('<address>', 'multiaddr with /p2p/<id>, or a known peer id')
    .description('Connects to a peer.')
    .action(async (address: string) => {
      const peer = await (await client()).post<Peer>('/v1/peers', { address });
      context.result(peer, `connected to ${peer.peerId}`);
    });
  peers
    .command('disconnect')
    .argument('<peer-id>')
    .description('Disconnects a peer.')
    .action(async (peerId: string) => {
      await (await client()).remove(`/v1/peers/${encodeURIComponent(peerId)}`);
      context.result({ disconnected: peerId }, `disconnected ${peerId}`);
    });
  peers
    .command('ban')
    .argument('<peer-id>')
    .requiredOption('--reason <text>', 'why, for the list of bans')
    .option('--seconds <n>', 'how long')
    .description('Disconnects and refuses a peer.')
    .action(async (peerId: string, options: { reason: string; seconds?: string }) => {
      const seconds = options.seconds === undefined ? {} : { seconds: Number(options.seconds) };
      const bans = await (await client()).post('/v1/bans', { peerId, reason: options.reason, ...seconds });
      context.result(bans, `banned ${peerId}`);
    });
};
