import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import { formatError, type SectionReader, Sections } from './sections.ts';

/** Coefficients by wire; wire 0 is the constant 1. Coefficients are in [0, r). */
export type LinearCombination = ReadonlyMap<number, bigint>;
/** A * B = C over the witness. */
export type Constraint = readonly [a: LinearCombination, b: LinearCombination, c: LinearCombination];

export interface R1csHeader {
  nWires: number;
  nPubOut: number;
  nPubIn: number;
  nPrvIn: number;
  nLabels: number;
  nConstraints: number;
}

export interface R1cs extends R1csHeader {
  constraints: Constraint[];
  /** Label (as in the .sym file) of each wire. */
  wireToLabel: number[];
}

const HEADER_SECTION = 1;
const CONSTRAINTS_SECTION = 2;
const WIRE_MAP_SECTION = 3;

/** The counts of a circuit, without its constraints. @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function readR1csHeader(file: Uint8Array): R1csHeader {
  return readHeader(new Sections(file, 'r1cs', 1)).header;
}

/**
 * A whole R1CS with sparse rows; wires are numbered as in the witness: 1, outputs, public inputs, private inputs, rest.
 * Takes about 100 bytes of memory per coefficient.
 * @throws ArtifactError ARTIFACT_FORMAT_INVALID
 */
export function readR1cs(file: Uint8Array): R1cs {
  const sections = new Sections(file, 'r1cs', 1);
  const { header, fieldBytes } = readHeader(sections);
  const reader = sections.read(CONSTRAINTS_SECTION);
  const constraints: Constraint[] = [];
  for (let i = 0; i < header.nConstraints; i++) {
    const a = readCombination(reader, header.nWires, fieldBytes);
    const b = readCombination(reader, header.nWires, fieldBytes);
    const c = readCombination(reader, header.nWires, fieldBytes);
    constraints.push([a, b, c]);
  }
  if (reader.remaining !== 0) throw formatError('r1cs', 'bytes after the last constraint');
  const map = sections.read(WIRE_MAP_SECTION);
  const wireToLabel: number[] = [];
  for (let i = 0; i < header.nWires; i++) wireToLabel.push(map.u64());
  return { ...header, constraints, wireToLabel };
}

/** Sum of coefficient * wire, reduced. `witness` holds one value per wire. */
export function evaluateCombination(combination: LinearCombination, witness: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of combination) sum += coefficient * (witness[wire] ?? 0n);
  return sum % SCALAR_FIELD_ORDER;
}

/** Index of the first constraint that `witness` breaks, or -1. */
export function firstBrokenConstraint(r1cs: R1cs, witness: readonly bigint[]): number {
  return r1cs.constraints.findIndex(([a, b, c]) => {
    const product = evaluateCombination(a, witness) * evaluateCombination(b, witness);
    return product % SCALAR_FIELD_ORDER !== evaluateCombination(c, witness);
  });
}

/** Constraints whose A or B row is constant: they multiply nothing. */
export function countLinear(r1cs: R1cs): number {
  const constant = (row: LinearCombination) => row.size === 0 || (row.size === 1 && row.has(0));
  return r1cs.constraints.filter(([a, b]) => constant(a) || constant(b)).length;
}

function readHeader(sections: Sections): { header: R1csHeader; fieldBytes: number } {
  const reader = sections.read(HEADER_SECTION);
  const fieldBytes = reader.u32();
  if (fieldBytes !== 32 || reader.integer(fieldBytes) !== SCALAR_FIELD_ORDER) {
    throw formatError('r1cs', 'the field is not that of BN254');
  }
  const nWires = reader.u32();
  const nPubOut = reader.u32();
  const nPubIn = reader.u32();
  const nPrvIn = reader.u32();
  const nLabels = reader.u64();
  const nConstraints = reader.u32();
  // Private inputs that nothing uses are optimised away, so they do not count here.
  if (nPubOut + nPubIn >= nWires) throw formatError('r1cs', 'fewer wires than signals');
  return { header: { nWires, nPubOut, nPubIn, nPrvIn, nLabels, nConstraints }, fieldBytes };
}

function readCombination(reader: SectionReader, nWires: number, fieldBytes: number): LinearCombination {
  const terms = reader.u32();
  const combination = new Map<number, bigint>();
  for (let i = 0; i < terms; i++) {
    const wire = reader.u32();
    const coefficient = reader.integer(fieldBytes);
    if (wire >= nWires || coefficient >= SCALAR_FIELD_ORDER) throw formatError('r1cs', 'a coefficient is out of range');
    combination.set(wire, coefficient);
  }
  return combination;
}
