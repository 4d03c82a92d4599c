pragma circom 2.2.0;

include "circomlib/poseidon.circom";
include "pledge.circom";

// The small reference circuit: EdDSA-Poseidon signature, 64-bit comparison, Poseidon nullifier.
template Reference5k() {
    signal input issuerX;
    signal input issuerY;
    signal input threshold;
    signal input scope;
    signal input secret;
    signal input amount;
    signal input serial;
    signal input signature[3];
    signal output nullifier;

    _ <== SignedAmount()(secret, amount, serial, issuerX, issuerY, signature);
    Reaches64()(amount, threshold);
    nullifier <== Poseidon(2)([secret, scope]);
}
