/** `npm run bench -- verifier`: how fast we verify, with each engine, against snarkjs in the same run. */
import { loadSnarkjs } from '../../src/artifacts/index.ts';
import type { VerifyRequest } from '../../src/verifier/index.ts';
import type { VerifierOptions, VerifierSection } from './args.ts';
import { coldVerifierSection } from './cold-verify.ts';
import { nativeVerifierMissing } from './engines.ts';
import type { Progress } from './progress.ts';
import { VERIFIER_FULL, VERIFIER_QUICK, type VerifierSizes } from './prover-sizes.ts';
import type { Absent, Report, Row } from './report.ts';
import { makeRequests } from './requests.ts';
import { openSubjects, type Subject, type Subjects } from './subjects.ts';
import { runSuite } from './suite.ts';
import { batchSection, singleSection } from './verifier-times.ts';

export interface VerifierBench extends Subjects {
  sizes: VerifierSizes;
  rows: Row[];
  absent: Absent[];
  progress: Progress;
  /** As many proofs as a batch takes, all points of all proofs different; the first ones are fresh from a prover. */
  requests(subject: Subject): Promise<readonly VerifyRequest[]>;
  /** One verification by snarkjs in this process. @throws Error where it refuses */
  snarkjs(subject: Subject): Promise<(request: VerifyRequest) => Promise<void>>;
}

const RUN: Record<VerifierSection, (bench: VerifierBench) => Promise<void>> = {
  single: singleSection,
  batch: batchSection,
  cold: coldVerifierSection,
};

export function runVerifier({ quick, only, circuits }: VerifierOptions, progress: Progress): Promise<Report> {
  return runSuite('verifier', quick, progress, async (report) => {
    const missing = nativeVerifierMissing();
    if (missing !== undefined) report.absent.push({ id: 'verifier.*.native', why: missing });
    const subjects = await openSubjects(circuits, progress);
    const sizes = quick ? VERIFIER_QUICK : VERIFIER_FULL;
    const made = new Map<string, Promise<readonly VerifyRequest[]>>();
    const bench: VerifierBench = {
      ...subjects,
      ...report,
      sizes,
      progress,
      requests(subject) {
        const requests = made.get(subject.name) ?? makeRequests(subject, sizes.realProofs, progress);
        made.set(subject.name, requests);
        return requests;
      },
      snarkjs: snarkjsVerify,
    };
    return {
      sections: only.map((section) => ({ name: section, run: () => RUN[section](bench) })),
      close: () => subjects.close(),
    };
  });
}

async function snarkjsVerify({ name, verifyingKey }: Subject) {
  const { groth16 } = await loadSnarkjs();
  return async ({ publicSignals, proof }: VerifyRequest): Promise<void> => {
    if (!(await groth16.verify(verifyingKey, publicSignals, proof))) throw new Error(`snarkjs refuses ${name}`);
  };
}
