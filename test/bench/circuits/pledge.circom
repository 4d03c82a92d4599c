pragma circom 2.2.0;

include "circomlib/bitify.circom";
include "circomlib/comparators.circom";
include "circomlib/eddsaposeidon.circom";
include "circomlib/poseidon.circom";

// What both reference circuits have in common: an issuer signed (holder, amount, serial), the amount reaches a
// threshold, and the holder's secret gives one nullifier per scope. Plain circomlib, as most users of circom write it:
// these two measure provers and verifiers, and are no part of the product.

// out: the message that the issuer signed, and the credential's name in the trees of the larger circuit.
template SignedAmount() {
    signal input secret;
    signal input amount;
    signal input serial;
    signal input issuerX;
    signal input issuerY;
    signal input signature[3];
    signal output message;

    signal holder <== Poseidon(1)([secret]);
    message <== Poseidon(3)([holder, amount, serial]);
    EdDSAPoseidonVerifier()(
        enabled <== 1,
        Ax <== issuerX,
        Ay <== issuerY,
        R8x <== signature[0],
        R8y <== signature[1],
        S <== signature[2],
        M <== message
    );
}

// amount >= threshold, both below 2^64.
template Reaches64() {
    signal input amount;
    signal input threshold;
    _ <== Num2Bits(64)(amount);
    _ <== Num2Bits(64)(threshold);
    signal enough <== GreaterEqThan(64)([amount, threshold]);
    enough === 1;
}
