pragma circom 2.2.0;

include "../circomlib/babyjub.circom";
include "../circomlib/eddsaposeidon.circom";
include "../circomlib/poseidon.circom";
include "range.circom";
include "tags.circom";
include "tree.circom";

// Seconds since the Unix epoch fit 40 bits until the year 36812.
function TIME_BITS() { return 40; }

// First 31 bytes of SHA-256("zkbazaar/schema/balance/1"), as in src/claims (a test compares).
function BALANCE_SCHEMA() {
    return 279501707435722785615755657123097443838442982374576952367509168814047920305;
}

// out = Poseidon(TAG_HOLDER, secret): what an issuer signs in place of a name.
template HolderCommitment() {
    signal input secret;
    signal output out;
    out <== Poseidon(2)([TAG_HOLDER(), secret]);
}

// out = Poseidon(TAG_ATTRS, a0..a7)
template AttributesHash() {
    signal input attributes[8];
    signal output out;
    signal inputs[9];
    inputs[0] <== TAG_ATTRS();
    for (var i = 0; i < 8; i++) {
        inputs[i + 1] <== attributes[i];
    }
    out <== Poseidon(9)(inputs);
}

// One credential: signed by the issuer, valid at `now`, and its issuer registered for this schema.
// Outputs the registry root that it belongs to; the caller compares. `now` must be range-checked by the caller.
template SignedCredential(registryDepth) {
    signal input holder;
    signal input attributesHash;
    signal input schema;
    signal input serial;
    signal input issuedAt;
    signal input expiresAt;
    signal input now;
    signal input issuerX;
    signal input issuerY;
    signal input r8x;
    signal input r8y;
    signal input s;
    signal input revocationRoot;
    signal input registryPath[registryDepth][8];
    signal output registryRoot;

    // (a) The issuer's EdDSA-Poseidon signature over the message. circomlib checks S < order, but not that the points
    //     are on the curve: we do, so that no addition formula is ever fed a point it was not proven for.
    BabyCheck()(issuerX, issuerY);
    BabyCheck()(r8x, r8y);
    signal message <== Poseidon(7)([TAG_CREDENTIAL(), schema, holder, serial, issuedAt, expiresAt, attributesHash]);
    EdDSAPoseidonVerifier()(1, issuerX, issuerY, s, r8x, r8y, message);

    // (b) issuedAt <= now < expiresAt, all of 40 bits.
    RangeCheck(TIME_BITS())(issuedAt);
    RangeCheck(TIME_BITS())(expiresAt);
    AssertLessEq(TIME_BITS())(issuedAt, now);
    AssertLess(TIME_BITS())(now, expiresAt);

    // (c) The issuer is registered for this schema; which one stays hidden among all of them.
    signal leaf <== Poseidon(5)([TAG_ISSUER(), issuerX, issuerY, schema, revocationRoot]);
    registryRoot <== Membership(registryDepth)(leaf, registryPath);
}
