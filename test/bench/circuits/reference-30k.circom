pragma circom 2.2.0;

include "circomlib/bitify.circom";
include "circomlib/poseidon.circom";
include "circomlib/smt/smtverifier.circom";
include "circomlib/switcher.circom";
include "pledge.circom";

// The root of a binary Poseidon tree over `leaf`, whose way up turns right where bits has a one.
template MerkleRoot(depth) {
    signal input leaf;
    signal input bits[depth];
    signal input siblings[depth];
    signal output root;
    signal node[depth + 1];
    node[0] <== leaf;
    component switcher[depth];
    for (var level = 0; level < depth; level++) {
        bits[level] * (1 - bits[level]) === 0;
        switcher[level] = Switcher();
        switcher[level].sel <== bits[level];
        switcher[level].L <== node[level];
        switcher[level].R <== siblings[level];
        node[level + 1] <== Poseidon(2)([switcher[level].outL, switcher[level].outR]);
    }
    root <== node[depth];
}

// The large reference circuit: all of the small one, and
// - the issuer's key is a leaf of the tree of issuers (depth 32),
// - the credential is a leaf of the tree of issued credentials (depth 32),
// - its serial number is not in the sparse Merkle tree of revoked ones (circomlib's SMTVerifier, 32 levels).
template Reference30k(depth) {
    signal input issuersRoot;
    signal input issuedRoot;
    signal input revokedRoot;
    signal input threshold;
    signal input scope;
    signal input issuerX;
    signal input issuerY;
    signal input secret;
    signal input amount;
    signal input serial;
    signal input signature[3];
    signal input issuerBits[depth];
    signal input issuerSiblings[depth];
    signal input issuedBits[depth];
    signal input issuedSiblings[depth];
    signal input revokedSiblings[depth];
    signal input revokedOldKey;
    signal input revokedOldValue;
    signal input revokedIsOld0;
    signal output nullifier;

    signal message <== SignedAmount()(secret, amount, serial, issuerX, issuerY, signature);
    Reaches64()(amount, threshold);

    signal issuerLeaf <== Poseidon(2)([issuerX, issuerY]);
    signal issuers <== MerkleRoot(depth)(issuerLeaf, issuerBits, issuerSiblings);
    issuers === issuersRoot;

    signal issued <== MerkleRoot(depth)(message, issuedBits, issuedSiblings);
    issued === issuedRoot;

    SMTVerifier(depth)(
        enabled <== 1,
        root <== revokedRoot,
        siblings <== revokedSiblings,
        oldKey <== revokedOldKey,
        oldValue <== revokedOldValue,
        isOld0 <== revokedIsOld0,
        key <== serial,
        value <== 0,
        fnc <== 1
    );

    nullifier <== Poseidon(2)([secret, scope]);
}
