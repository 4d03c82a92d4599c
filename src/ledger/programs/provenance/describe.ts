import type { Describe } from '../record-view.ts';
import { SPACE } from '../spaces.ts';
import { INSPECTION_RECORD, PRODUCT_KIND, PRODUCT_RECORD } from './program.ts';

export const describeProvenance: Describe = (key, record) => {
  if (key.u8(0) !== SPACE.provenance) return undefined;
  const product = { manufacturer: key.address(2), serial: key.u64(22) };
  if (key.u8(1) === PRODUCT_KIND) {
    return {
      kind: 'product',
      ...product,
      registered: record.u64(PRODUCT_RECORD.registered),
      handovers: record.u32(PRODUCT_RECORD.handovers),
      inspections: record.u32(PRODUCT_RECORD.inspections),
      retired: record.u32(PRODUCT_RECORD.retired) !== 0,
      holder: record.address(PRODUCT_RECORD.holder),
      proposed: record.address(PRODUCT_RECORD.proposed),
      inspector: record.address(PRODUCT_RECORD.inspector),
      content: record.hex(PRODUCT_RECORD.content, 32),
    };
  }
  return {
    kind: 'inspection',
    ...product,
    number: key.u8(30) | (key.u8(31) << 8),
    time: record.u64(INSPECTION_RECORD.time),
    inspector: record.address(INSPECTION_RECORD.inspector),
    attestation: record.hex(INSPECTION_RECORD.attestation, 32),
  };
};
