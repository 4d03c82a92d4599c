pragma circom 2.2.0;

include "../circomlib/poseidon.circom";
include "range.circom";
include "tags.circom";
include "tree.circom";

// Non-membership: the publisher sorted the set, added 0 and MAX, and made one leaf of each pair of neighbours.
// x is absent when one leaf (lo, hi) of the tree has lo < x < hi. All three are range-checked first, so neither a
// wrapped lo nor a wrapped hi of a careless publisher opens the gap.
template GapNonMembership(depth, bits) {
    signal input element;
    signal input lo;
    signal input hi;
    signal input path[depth][8];
    signal output root;

    RangeCheck(bits)(element);
    RangeCheck(bits)(lo);
    RangeCheck(bits)(hi);
    AssertLess(bits)(lo, element);
    AssertLess(bits)(element, hi);

    signal leaf <== Poseidon(3)([TAG_GAP(), lo, hi]);
    root <== Membership(depth)(leaf, path);
}
