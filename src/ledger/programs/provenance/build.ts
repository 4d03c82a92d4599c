import { ADDRESS_BYTES, HASH_BYTES } from '../../constants.ts';
import { join } from '../../keys.ts';
import { type Call, callOf } from '../call.ts';
import { NOBODY } from '../holdings.ts';
import { SPACE, tagBytes } from '../spaces.ts';
import { INSPECTION_KIND, PRODUCT_KIND, PROVENANCE, PROVENANCE_OPS } from './program.ts';

/** Builders of program 7. */

export interface Product {
  readonly manufacturer: Uint8Array;
  readonly serial: bigint;
}

export function productKey({ manufacturer, serial }: Product): Uint8Array {
  return join(SPACE.provenance, new Uint8Array([PRODUCT_KIND]), manufacturer, tagBytes(serial));
}

/** @param number 0 to 65,534, in the order of the inspections */
export function inspectionKey({ manufacturer, serial }: Product, number: number): Uint8Array {
  const place = new Uint8Array([number & 0xff, (number >>> 8) & 0xff]);
  return join(SPACE.provenance, new Uint8Array([INSPECTION_KIND]), manufacturer, tagBytes(serial), place);
}

/** Signed by the manufacturer. @param content hash of the product's papers, 32 bytes */
export function registerProduct(product: Product, content: Uint8Array, inspector: Uint8Array = NOBODY): Call {
  const key = productKey(product);
  return callOf(PROVENANCE, PROVENANCE_OPS.register, { writes: [key] }, (at, out) =>
    out.u8(at.write(key)).bytes(content, HASH_BYTES).bytes(inspector, ADDRESS_BYTES),
  );
}

/** Signed by the holder. */
export function handOverProduct(product: Product, to: Uint8Array): Call {
  return toAddress(PROVENANCE_OPS.handOver, product, to);
}

/** Signed by the holder; twenty zeros take the proposal back. */
export function proposeHandover(product: Product, to: Uint8Array): Call {
  return toAddress(PROVENANCE_OPS.propose, product, to);
}

/** Signed by the manufacturer. */
export function appointInspector(product: Product, inspector: Uint8Array): Call {
  return toAddress(PROVENANCE_OPS.appoint, product, inspector);
}

/** Signed by the proposed holder. */
export function acceptHandover(product: Product): Call {
  return alone(PROVENANCE_OPS.accept, product);
}

/** Signed by the holder. */
export function retireProduct(product: Product): Call {
  return alone(PROVENANCE_OPS.retire, product);
}

/** Signed by the inspector. @param number how many inspections there were before */
export function inspectProduct(product: Product, number: number, attestation: Uint8Array): Call {
  const [key, inspection] = [productKey(product), inspectionKey(product, number)];
  return callOf(PROVENANCE, PROVENANCE_OPS.inspect, { writes: [key, inspection] }, (at, out) =>
    out.u8(at.write(key)).u8(at.write(inspection)).bytes(attestation, HASH_BYTES),
  );
}

function toAddress(operation: number, product: Product, address: Uint8Array): Call {
  const key = productKey(product);
  return callOf(PROVENANCE, operation, { writes: [key] }, (at, out) =>
    out.u8(at.write(key)).bytes(address, ADDRESS_BYTES),
  );
}

function alone(operation: number, product: Product): Call {
  const key = productKey(product);
  return callOf(PROVENANCE, operation, { writes: [key] }, (at, out) => out.u8(at.write(key)));
}
