/** Hashes, signatures and trees that the circuits also compute. The only user of circomlibjs. */
export { getCrypto, prepareHashing } from './crypto.ts';
export { buildGapTree, GAP_MAX, type GapProof, type GapTree } from './gap-tree.ts';
export type { Crypto, EddsaSignature, Point, SigningCrypto } from './interface.ts';
export { sha248 } from './sha248.ts';
export { getSigningCrypto } from './signer.ts';
export { TAGS } from './tags.ts';
export { buildTree, hashNode, TREE_ARITY, type Tree, type TreePath } from './tree.ts';
