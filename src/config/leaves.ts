import type { z } from 'zod';

export type LeafKind = 'text' | 'integer' | 'boolean' | 'list';

/** One setting: where it stands, its environment variable, and how text becomes its value. */
export interface Leaf {
  path: string;
  variable: string;
  kind: LeafKind;
  nullable: boolean;
}

export const ENV_PREFIX = 'ZKBAZAAR_';

/** `network.registryKey` to `ZKBAZAAR_NETWORK_REGISTRY_KEY`. */
export function variableOf(path: string): string {
  const words = path.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return ENV_PREFIX + words.toUpperCase();
}

/** Every setting of a schema built of strict objects, in the order they are written. */
export function leavesOf(schema: z.ZodType, prefix = ''): Leaf[] {
  const { type, nullable } = unwrap(schema);
  if (type.def.type === 'object') {
    const shape = (type as z.ZodObject).shape as Record<string, z.ZodType>;
    return Object.entries(shape).flatMap(([key, child]) => leavesOf(child, prefix === '' ? key : `${prefix}.${key}`));
  }
  return [{ path: prefix, variable: variableOf(prefix), kind: kindOf(type), nullable }];
}

function unwrap(schema: z.ZodType): { type: z.ZodType; nullable: boolean } {
  let type = schema;
  let nullable = false;
  while (type.def.type === 'default' || type.def.type === 'prefault' || type.def.type === 'nullable') {
    nullable ||= type.def.type === 'nullable';
    type = (type as unknown as { def: { innerType: z.ZodType } }).def.innerType;
  }
  return { type, nullable };
}

function kindOf(type: z.ZodType): LeafKind {
  switch (type.def.type) {
    case 'number':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'array':
      return 'list';
    default:
      return 'text';
  }
}

/** Text of an environment variable or flag as the value its setting wants; what does not convert is left to the schema. */
export function convertText(leaf: Leaf, text: string): unknown {
  if (leaf.nullable && (text === '' || text === 'null')) return null;
  switch (leaf.kind) {
    case 'integer':
      return /^-?[0-9]{1,15}$/.test(text) ? Number(text) : text;
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      return text === 'false' || text === '0' ? false : text;
    case 'list':
      return text === '' ? [] : text.split(',').map((item) => item.trim());
    case 'text':
      return text;
  }
}
