/**
 * Mutation of a circuit: drop each constraint in turn, and show for each that the rest does not imply it.
 *
 * Three ways to kill a mutant, strongest first; docs/circuits/README.md says what each proves:
 * - `tangent`: the tangent space grows at a valid witness (tangent.ts);
 * - `exhibited`: a concrete witness breaks this constraint alone (exhibit.ts);
 * - `gadget`: one of the two, within the constraints of its own gadget, with the gadget's inputs and outputs free. The
 *   gadget then computes another relation than the one it is audited for.
 * A survivor fails the run: there is none, and no list of excused ones.
 */
import type { Constraint } from '../../../src/artifacts/index.ts';
import type { World } from '../fixtures.ts';
import type { Circuit } from '../harness.ts';
import { Exhibitor } from './exhibit.ts';
import { statementsOf } from './statements.ts';
import { dependentConstraints } from './tangent.ts';

/**
 * Only inside circomlib's signature check, and the curve checks around it, does a gadget's contract answer for a row:
 * there, to show a whole witness would mean to forge a signature or to solve a discrete logarithm.
 */
const AUDITED_GADGET = '.SignedCredential_';

export interface MutationReport {
  circuit: string;
  constraints: number;
  tangent: number;
  exhibited: number;
  gadget: number;
  /** Rows that a run over a share of the rows did not search. */
  left: number;
  /** Rows that nothing killed, with the name of their last wire. */
  survivors: { row: number; wire: string }[];
}

/**
 * Runs the mutation of one circuit. With `share` n, every constraint has its tangent test, and of those that it leaves
 * every n-th has the costly search.
 */
export function mutate(
  name: string,
  { circuit, wireNames }: { circuit: Circuit; wireNames: readonly string[] },
  world: World,
  options: { log?: (line: string) => void; share?: number } = {},
): MutationReport {
  const log = options.log ?? (() => {});
  const { constraints } = circuit.r1cs;
  const owner = (row: number): string => wireNames[lastWire(constraints[row])] ?? '';
  let alive = new Set<number>(constraints.keys());
  const killed = { tangent: 0, exhibited: 0, gadget: 0 };
  const note = (kind: keyof typeof killed, left: Set<number>): void => {
    killed[kind] += alive.size - left.size;
    alive = left;
  };

  let left = 0;
  // Rows that their gadget answers for are spared the costly search, not the tangent test.
  let answered: ReadonlySet<number> = new Set();
  const unanswered = (): boolean => [...alive].some((row) => !answered.has(row));
  for (const { name: statement, inputs } of statementsOf(name, world)) {
    if (!unanswered()) break;
    const witness = circuit.witness(inputs);
    const exhibitor = new Exhibitor(constraints, witness);
    if (exhibitor.broken.size === 0) note('tangent', alive.intersection(dependentConstraints(constraints, witness)));
    if (answered.size === 0) {
      const share = options.share ?? 1;
      const searched = [...alive].filter((row) => row % share === 0);
      left = alive.size - searched.length;
      alive = new Set(searched);
    }
    const spared = answered;
    note('exhibited', new Set([...alive].filter((row) => spared.has(row) || exhibitor.kill(row) === undefined)));
    if (spared.size === 0) answered = killedInGadgets(constraints, witness, alive, owner);
    log(`${name}: ${statement}: ${alive.size} of ${constraints.length} left, ${answered.size} of them by their gadget`);
  }
  note('gadget', alive.difference(answered));

  const survivors = [...alive].map((row) => ({ row, wire: owner(row) }));
  return { circuit: name, constraints: constraints.length, ...killed, left, survivors };
}

/** Of the rows still alive, those that are not implied by the other constraints of their own gadget. */
function killedInGadgets(
  constraints: readonly Constraint[],
  witness: readonly bigint[],
  alive: ReadonlySet<number>,
  owner: (row: number) => string,
): Set<number> {
  const killed = new Set<number>();
  for (const gadgetOf of [component, bitArray]) {
    const rowsOf = Map.groupBy(constraints.keys(), (row) => gadgetOf(owner(row)));
    for (const [gadget, suspects] of Map.groupBy(alive, (row) => gadgetOf(owner(row)))) {
      if (!gadget.includes(AUDITED_GADGET)) continue;
      const rows = rowsOf.get(gadget) ?? [];
      const own = rows.map((row) => constraints[row] as Constraint);
      const dependent = dependentConstraints(own, witness);
      const exhibitor = new Exhibitor(own, witness);
      for (const row of suspects) {
        const index = rows.indexOf(row);
        if (killed.has(row)) continue;
        if (!dependent.has(index) || exhibitor.kill(index) !== undefined) killed.add(row);
      }
    }
  }
  return killed;
}

/** `main.A.B[0].x[3]` to `main.A.B`: instances of one loop belong together, as in circomlib's ladders. */
function component(wire: string): string {
  const gadget = /^(.*\.EdDSAPoseidonVerifier_\w+\.\w+)\b/.exec(wire)?.[1];
  return gadget ?? wire.split('.').slice(0, -1).join('.');
}

/** The signal array itself: the bits of one Num2Bits. */
function bitArray(wire: string): string {
  return wire.replace(/\[\d+\]$/, '');
}

function lastWire(constraint: Constraint | undefined): number {
  return Math.max(0, ...(constraint ?? []).flatMap((side) => [...side.keys()]));
}
