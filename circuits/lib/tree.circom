pragma circom 2.2.0;

include "../circomlib/poseidon.circom";
include "tags.circom";

// Trees of width 8 and fixed depth; one gadget serves registry, allowed sets, revocation and sanctions lists.
// The depth is a template parameter, so a caller cannot present an inner node as a leaf, nor a leaf as a root.

// out = Poseidon(TAG_NODE, children)
template TreeNode() {
    signal input children[8];
    signal output out;
    signal inputs[9];
    inputs[0] <== TAG_NODE();
    for (var i = 0; i < 8; i++) {
        inputs[i + 1] <== children[i];
    }
    out <== Poseidon(9)(inputs);
}

// member is one of the eight: the product of the differences is zero. Seven constraints, and no position to reveal
// or to range-check: where the member sits never matters here.
template IsOneOf8() {
    signal input member;
    signal input set[8];
    signal product[7];
    product[0] <== (set[0] - member) * (set[1] - member);
    for (var i = 1; i < 7; i++) {
        product[i] <== product[i - 1] * (set[i + 1] - member);
    }
    product[6] === 0;
}

// root of the tree that holds leaf under the nodes whose children are path[0] (leaf level) to path[depth - 1].
template Membership(depth) {
    signal input leaf;
    signal input path[depth][8];
    signal output root;
    signal node[depth + 1];
    node[0] <== leaf;
    for (var level = 0; level < depth; level++) {
        IsOneOf8()(node[level], path[level]);
        node[level + 1] <== TreeNode()(path[level]);
    }
    root <== node[depth];
}
