import { type CircuitName, PUBLIC_SIGNALS } from '../../claims/interface.ts';
import { readInput } from '../files.ts';
import { fields, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  const envelope = program
    .command('envelope')
    .summary('Look into an envelope')
    .description('Envelopes: the wire messages.');
  envelope
    .command('inspect')
    .argument('<file>', 'bytes as published, or their base64; - for standard input')
    .description('Decodes an envelope, checks its form and signature, and shows what it says. Checks no proof.')
    .action(async (file: string) => {
      const lib = await import('../../envelope/index.ts');
      const { circuitOfKey } = await import('../known-circuits.ts');
      const { config } = await context.settings();
      const data = fromBase64(await readInput(file, 64 * 1024));
      const decoded = lib.decodeEnvelope(data);
      const network = config.network.name;
      const circuitId = Buffer.from(decoded.circuit).toString('hex');
      const circuit = circuitId === '' ? null : await circuitOfKey(config, circuitId);
      const body = decodedBody(() => lib.decodeBody(decoded.kind, decoded.body));
      const report = {
        id: lib.envelopeId(decoded, network),
        network,
        kind: decoded.kind,
        signatureValid: lib.verifyEnvelopeSignature(decoded, network),
        circuit: circuit === null ? null : { name: circuit, verifyingKeyId: circuitId },
        policy: decoded.policy,
        registryRoot: decoded.policy === '' ? null : lib.registryRootOf(decoded).toString(),
        publicSignals: lib.signalStrings(decoded),
        proofBytes: decoded.proof.length,
        expiresAt: decoded.expiresAt,
        pseudonym: Buffer.from(decoded.pseudonym).toString('hex'),
        bytes: data.length,
        body,
      };
      context.result(
        report,
        fields([
          ['id', report.id],
          ['kind', report.kind],
          ['signature', report.signatureValid ? `good, for network ${network}` : `does not fit network ${network}`],
          ['pseudonym', report.pseudonym],
          ['expires', time(report.expiresAt)],
          ['circuit', report.circuit?.name ?? (circuitId === '' ? 'none: no proof' : `unknown key ${circuitId}`)],
          ['policy', report.policy || '-'],
          ['root', report.registryRoot ?? '-'],
          ['signals', namedSignals(circuit, report.publicSignals)],
          ['size', `${report.bytes} bytes, proof ${report.proofBytes}`],
          ['body', JSON.stringify(body)],
        ]),
      );
    });
};

/** Files from `publish` and the API may hold base64 text; an envelope's first byte is never a base64 letter pair. */
function fromBase64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1').replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]{8,}={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : bytes;
}

function namedSignals(circuit: string | null, signals: readonly string[]): string {
  const names: readonly string[] = isCircuit(circuit) ? PUBLIC_SIGNALS[circuit] : [];
  return signals.map((signal, index) => `${names[index] ?? index} = ${signal}`).join('\n           ') || '-';
}

function isCircuit(name: string | null): name is CircuitName {
  return name !== null && Object.hasOwn(PUBLIC_SIGNALS, name);
}

function decodedBody(decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    return null;
  }
}
