import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CircuitList } from './circuit-list.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import type { CircuitDefinition } from './interface.ts';

/** What the compiler makes of one circuit. */
export interface CompiledCircuit {
  r1cs: Uint8Array;
  wasm: Uint8Array;
  /** Label, wire, component and signal name per line; only when asked for. */
  sym: string | undefined;
  /** Warnings of `circom --inspect`, one string each, in the compiler's order; only when asked for. */
  inspection: readonly string[];
}

export interface CompileOptions {
  sym?: boolean | undefined;
  inspect?: boolean | undefined;
}

const COMPILER_ARGUMENTS = ['--r1cs', '--wasm', '--prime', 'bn128'];
// A circuit of 30k constraints takes 20 s here; a circuit that takes this long is a mistake.
const COMPILE_TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

const require = createRequire(import.meta.url);

/**
 * A folder that holds the circuits and circomlib side by side under fixed names (`../circomlib/poseidon.circom` from
 * `lib/` and `claims/`). circom2 is a WebAssembly program: it sees only what lies below its folder, and no links.
 * The caller removes it.
 */
export async function stageCircuits(circuitsDirectory: string): Promise<string> {
  const stage = await mkdtemp(join(tmpdir(), 'zkbazaar-circuits-'));
  const onlyCircom = (entry: string) => !/\.[a-z]+$/.test(entry) || entry.endsWith('.circom');
  await cp(circuitsDirectory, stage, { recursive: true, dereference: true, filter: onlyCircom });
  const circomlib = join(dirname(require.resolve('circomlib/package.json')), 'circuits');
  await cp(circomlib, join(stage, 'circomlib'), { recursive: true, dereference: true, filter: onlyCircom });
  return stage;
}

/** The file with the main component, generated so that `circuits.json` alone says what is public. */
export function mainComponent(circuit: CircuitDefinition): string {
  const inputs = circuit.publicInputs.length === 0 ? '' : ` {public [${circuit.publicInputs.join(', ')}]}`;
  const parameters = Object.values(circuit.parameters).join(', ');
  return [
    'pragma circom 2.2.0;',
    `include "${circuit.file}";`,
    `component main${inputs} = ${circuit.template}(${parameters});`,
    '',
  ].join('\n');
}

/**
 * Compiles one circuit in a staged folder. The result depends on the staged text and the compiler alone.
 * @throws ArtifactError ARTIFACT_COMPILE_FAILED with the compiler's own words
 */
export async function compileCircuit(
  stage: string,
  circuit: CircuitDefinition,
  compiler: CircuitList['compiler'],
  options: CompileOptions = {},
): Promise<CompiledCircuit> {
  const main = `${circuit.name}.main.circom`;
  const out = join(stage, `${circuit.name}.out`);
  await writeFile(join(stage, main), mainComponent(circuit));
  await mkdir(out, { recursive: true });
  const args = [main, `--${compiler.optimisation}`, ...COMPILER_ARGUMENTS, '-o', `${circuit.name}.out`];
  if (options.sym === true) args.push('--sym');
  if (options.inspect === true) args.push('--inspect');
  const output = await runCircom(stage, args, circuit.name);
  const base = join(out, `${circuit.name}.main`);
  try {
    return {
      r1cs: new Uint8Array(await readFile(`${base}.r1cs`)),
      wasm: new Uint8Array(await readFile(join(`${base}_js`, `${circuit.name}.main.wasm`))),
      sym: options.sym === true ? await readFile(`${base}.sym`, 'utf8') : undefined,
      inspection: options.inspect === true ? inspectionFindings(output) : [],
    };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** The compiler's version, such as `2.2.3`. */
export async function circomVersion(): Promise<string> {
  const output = await runCircom(tmpdir(), ['--version'], 'circom');
  return /circom compiler (\d+\.\d+\.\d+)/.exec(output)?.[1] ?? 'unknown';
}

/** Names of the public wires in witness order, without brackets, read from a .sym file. */
export function publicNamesFromSym(sym: string, count: number): string[] {
  const names = new Map<number, string>();
  for (const line of sym.split('\n')) {
    const [, wire, , name] = line.split(',');
    if (wire === undefined || name === undefined) continue;
    const index = Number(wire);
    const path = name.split('.');
    if (index >= 1 && index <= count && path.length === 2 && !names.has(index)) names.set(index, path[1] ?? '');
  }
  return Array.from({ length: count }, (_, i) => (names.get(i + 1) ?? '').replace(/\[(\d+)\]/g, '$1'));
}

/** Circom files of a folder, relative, sorted. */
export async function listCircomFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  return entries
    .map((entry) => entry.replaceAll('\\', '/'))
    .filter((entry) => entry.endsWith('.circom'))
    .sort();
}

function inspectionFindings(output: string): string[] {
  return output
    .split(/(?=\bwarning\[)/)
    .filter((part) => part.startsWith('warning['))
    .map((part) => (part.split('\n')[0] ?? '').replace(/\s+/g, ' ').trim());
}

function runCircom(cwd: string, args: string[], name: string): Promise<string> {
  const cli = join(dirname(require.resolve('circom2/package.json')), 'cli.js');
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: COMPILE_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
    execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) => {
      const output = stripColours(`${stdout}\n${stderr}`);
      // An exit code of 0 is not enough: circom2 has been seen to stop early with it.
      if (error === null && (args[0] === '--version' || output.includes('Everything went okay'))) resolve(output);
      else reject(compileError(name, output));
    });
  });
}

function compileError(name: string, output: string): ArtifactError {
  const start = output.search(/error\[/);
  const text = (start < 0 ? output.trim() : output.slice(start)).trim().split('\n').slice(0, 12).join('\n');
  return new ArtifactError(ArtifactErrorCode.CompileFailed, `circom refuses ${name}: ${text}`, { where: name });
}

function stripColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours start with ESC.
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
