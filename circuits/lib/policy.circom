pragma circom 2.2.0;

include "../circomlib/comparators.circom";
include "../circomlib/poseidon.circom";
include "gap.circom";
include "range.circom";
include "select.circom";
include "tags.circom";
include "tree.circom";

// Operators of a comparison: 0 none, 1 ==, 2 !=, 3 <, 4 <=, 5 >, 6 >=.
// Order operators compare integers of 128 bits; == and != compare whole field elements.
template Comparison() {
    signal input slot;
    signal input op;
    signal input operand;
    signal input attributes[8];

    signal slotHot[8] <== OneHot(8)(slot);
    signal opHot[7] <== OneHot(7)(op);
    signal value <== Pick(8)(slotHot, attributes);

    // Only an order operator needs the range: a 248-bit hash may still be compared for equality.
    signal isOrder <== opHot[3] + opHot[4] + opHot[5] + opHot[6];
    signal left <== isOrder * value;
    signal right <== isOrder * operand;
    RangeCheck(128)(left);
    RangeCheck(128)(right);
    signal less <== IsLess(128)(left, right);
    signal equal <== IsEqual()([value, operand]);

    signal byEqual <== equal * (opHot[1] - opHot[2] + opHot[4] - opHot[5]);
    signal byLess <== less * (opHot[3] + opHot[4] - opHot[5] - opHot[6]);
    byEqual + byLess + opHot[0] + opHot[2] + opHot[5] + opHot[6] === 1;
}

// The attributes satisfy the policy whose hash is `policyHash`: four comparisons, one set membership, one gap
// non-membership, one disclosed attribute. Codes of the last three: 0 = not asked, else slot + 1.
template SatisfiesPolicy(setDepth, gapDepth) {
    signal input schema;
    signal input attributes[8];
    signal input compareSlot[4];
    signal input compareOp[4];
    signal input compareOperand[4];
    signal input setCode;
    signal input setRoot;
    signal input setPath[setDepth][8];
    signal input gapCode;
    signal input gapRoot;
    signal input gapLo;
    signal input gapHi;
    signal input gapPath[gapDepth][8];
    signal input discloseCode;
    signal output policyHash;
    signal output disclosed;

    // (a) Comparisons.
    for (var i = 0; i < 4; i++) {
        Comparison()(compareSlot[i], compareOp[i], compareOperand[i], attributes);
    }

    // (b) Membership in an allowed set. Code 0 picks the constant 0, and the root found is then compared with nothing.
    signal setHot[9] <== OneHot(9)(setCode);
    signal setValue <== Pick(9)(setHot, [0, attributes[0], attributes[1], attributes[2], attributes[3],
        attributes[4], attributes[5], attributes[6], attributes[7]]);
    signal setLeaf <== Poseidon(2)([TAG_MEMBER(), setValue]);
    signal setFound <== Membership(setDepth)(setLeaf, setPath);
    (setFound - setRoot) * (1 - setHot[0]) === 0;

    // (c) Absence from a list. Code 0 picks the constant 1, which lies in the gap (0, 2).
    signal gapHot[9] <== OneHot(9)(gapCode);
    signal gapValue <== Pick(9)(gapHot, [1, attributes[0], attributes[1], attributes[2], attributes[3],
        attributes[4], attributes[5], attributes[6], attributes[7]]);
    signal gapFound <== GapNonMembership(gapDepth, 128)(gapValue, gapLo, gapHi, gapPath);
    (gapFound - gapRoot) * (1 - gapHot[0]) === 0;

    // (d) Disclosure.
    signal discloseHot[9] <== OneHot(9)(discloseCode);
    disclosed <== Pick(9)(discloseHot, [0, attributes[0], attributes[1], attributes[2], attributes[3],
        attributes[4], attributes[5], attributes[6], attributes[7]]);

    // (e) The policy that was just satisfied, as one number. slot < 8, so slot + 8 * op says both.
    policyHash <== Poseidon(15)([TAG_POLICY(), schema,
        compareSlot[0] + 8 * compareOp[0], compareOperand[0], compareSlot[1] + 8 * compareOp[1], compareOperand[1],
        compareSlot[2] + 8 * compareOp[2], compareOperand[2], compareSlot[3] + 8 * compareOp[3], compareOperand[3],
        setCode, setRoot, gapCode, gapRoot, discloseCode]);
}
