pragma circom 2.2.0;

include "../circomlib/poseidon.circom";
include "range.circom";
include "tags.circom";

// What a proof is spent against and bound to.
template Binding() {
    signal input secret;
    signal input scope;
    signal input context;
    signal output nullifier;
    signal output linkTag;

    nullifier <== Poseidon(3)([TAG_NULLIFIER(), secret, scope]);
    linkTag <== Poseidon(3)([TAG_LINK(), secret, context]);
    // context is in linkTag already; the square keeps it constrained should a later circuit drop the tag.
    signal contextSquare <== context * context;
}

// Whole days since the Unix epoch: now = epoch * 86400 + rest, rest < 86400. `now` is range-checked by the caller.
template PledgeEpoch() {
    signal input now;
    signal output epoch;
    epoch <-- now \ 86400;
    signal rest <== now - epoch * 86400;
    RangeCheck(24)(epoch);
    RangeCheck(17)(rest);
    AssertLessEq(17)(rest, 86399);
}

// out = Poseidon(TAG_PLEDGE, secret, accountRef, epoch): the same account shows the same pledge all day.
template Pledge() {
    signal input secret;
    signal input accountRef;
    signal input epoch;
    signal output out;
    out <== Poseidon(4)([TAG_PLEDGE(), secret, accountRef, epoch]);
}
