import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { listCircomFiles, stageCircuits } from './compile.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import { Fields, failIn, parseJson, readArtifactFile } from './json.ts';

/** What a static check says about the circuits. */
export interface Finding {
  tool: 'circom' | 'circomspect';
  rule: string;
  /** A circuit for circom, a file below circuits/ for circomspect. */
  where: string;
  /** The tool's words and the source line without its number, so that a moved line is not a new finding. */
  message: string;
}

/** A finding that was read and judged. `where` and `message` are matched whole; a `*` stands for any text. */
export interface AcceptedFinding extends Finding {
  /** Why it is no defect. */
  reason: string;
}

export const ACCEPTED_FINDINGS_FILE = 'accepted-findings.json';

const require = createRequire(import.meta.url);
const CIRCOMSPECT_TIMEOUT_MS = 300_000;

/** One line of `circom --inspect`. */
export function inspectionFinding(circuit: string, line: string): Finding {
  const match = /^warning\[([A-Z0-9]+)\]: (.*)$/.exec(line);
  return { tool: 'circom', rule: match?.[1] ?? 'unknown', where: circuit, message: match?.[2] ?? line };
}

/** @throws ArtifactError ARTIFACT_LIST_INVALID, ARTIFACT_FILE_MISSING */
export async function readAcceptedFindings(circuitsDirectory: string): Promise<AcceptedFinding[]> {
  const fail = failIn(ArtifactErrorCode.ListInvalid, ACCEPTED_FINDINGS_FILE);
  const bytes = await readArtifactFile(join(circuitsDirectory, ACCEPTED_FINDINGS_FILE));
  const root = new Fields(parseJson(bytes, fail), '', fail).only('version', 'findings');
  root.oneOf('version', [1]);
  return root.list('findings', (value, path) => {
    const fields = new Fields(value, path, fail).only('tool', 'rule', 'where', 'message', 'reason');
    return {
      tool: fields.oneOf('tool', ['circom', 'circomspect']),
      rule: fields.text('rule', /^[A-Za-z0-9_-]+$/, 'a rule id'),
      where: fields.text('where', /^.+$/, 'a circuit or a file'),
      message: fields.text('message', /^.+$/, 'the message'),
      reason: fields.text('reason', /^.{20,}$/, 'a reason of at least 20 characters'),
    };
  });
}

/**
 * Runs circomspect over every circom file of the folder. Its informational passes are left out: they note every loop
 * counter that is compared or added to.
 */
export async function runCircomspect(circuitsDirectory: string): Promise<Finding[]> {
  const files = await listCircomFiles(circuitsDirectory);
  const stage = await stageCircuits(circuitsDirectory);
  try {
    const cli = join(dirname(require.resolve('circomspect/package.json')), 'cli.js');
    const output = await run(cli, [...files, '--level=WARNING', '--sarif-file=findings.sarif'], stage);
    const sarif = await readFile(join(stage, 'findings.sarif'), 'utf8').catch(() => undefined);
    if (sarif === undefined) {
      throw new ArtifactError(ArtifactErrorCode.CompileFailed, `circomspect made no report: ${output.slice(-500)}`);
    }
    const texts = await Promise.all(
      files.map(async (file) => [file, await readFile(join(stage, file), 'utf8')] as const),
    );
    return parseSarif(sarif, new Map(texts));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

interface Sarif {
  runs?: {
    results?: {
      ruleId?: string;
      message?: { text?: string };
      locations?: {
        physicalLocation?: { artifactLocation?: { uri?: string }; region?: { startLine?: number } };
      }[];
    }[];
  }[];
}

/** Findings of a SARIF report. `sources` gives the text of each file, for the line that a finding is about. */
export function parseSarif(text: string, sources: ReadonlyMap<string, string> = new Map()): Finding[] {
  const sarif = JSON.parse(text) as Sarif;
  return (sarif.runs ?? []).flatMap((one) =>
    (one.results ?? []).map((result) => {
      const place = result.locations?.[0]?.physicalLocation;
      const where = place?.artifactLocation?.uri?.replace(/^file:\/\/\/?/, '') ?? 'unknown';
      const line = sources.get(where)?.split('\n')[(place?.region?.startLine ?? 0) - 1];
      const words = (result.message?.text ?? '').replace(/\s+/g, ' ').trim();
      return {
        tool: 'circomspect' as const,
        rule: result.ruleId ?? 'unknown',
        where,
        message: line === undefined ? words : `${words} ${line.trim()}`,
      };
    }),
  );
}

/**
 * @throws ArtifactError ARTIFACT_FINDING_NOT_ACCEPTED for a finding that nobody judged, and for a judgement whose
 *   finding is gone: an old excuse must not cover a new defect
 */
export function requireAccepted(findings: readonly Finding[], accepted: readonly AcceptedFinding[]): void {
  const used = new Set<AcceptedFinding>();
  const open = findings.filter((finding) => {
    const judged = accepted.filter((entry) => covers(entry, finding));
    for (const entry of judged) used.add(entry);
    return judged.length === 0;
  });
  const stale = accepted.filter((entry) => !used.has(entry));
  if (open.length === 0 && stale.length === 0) return;
  const lines = [
    ...open.map((finding) => `not accepted: ${describe(finding)}`),
    ...stale.map((entry) => `accepted but no longer found: ${describe(entry)}`),
  ];
  throw new ArtifactError(ArtifactErrorCode.FindingNotAccepted, lines.join('\n'), {
    where: ACCEPTED_FINDINGS_FILE,
    hint: 'repair the circuit, or list the finding there with the reason why it is no defect',
  });
}

function covers(entry: AcceptedFinding, finding: Finding): boolean {
  return (
    entry.tool === finding.tool &&
    entry.rule === finding.rule &&
    matches(entry.where, finding.where) &&
    matches(entry.message, finding.message)
  );
}

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(text);
}

function describe({ tool, rule, where, message }: Finding): string {
  return `${tool} ${rule} in ${where}: ${message}`;
}

function run(cli: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { cwd, timeout: CIRCOMSPECT_TIMEOUT_MS, maxBuffer: 2 ** 26 },
      (error, out, err) => {
        // Exit code 1 means "there are findings", which the report tells better.
        if (error !== null && error.killed === true) reject(error);
        else resolve(`${out}\n${err}`);
      },
    );
  });
}
