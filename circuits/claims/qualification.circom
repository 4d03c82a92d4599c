pragma circom 2.2.0;

include "../lib/binding.circom";
include "../lib/credential.circom";
include "../lib/gap.circom";
include "../lib/policy.circom";

// qualification: one identity credential and one balance credential of one holder, in a single proof: the usual proof
// for an order. Page with numbered constraints: docs/circuits/qualification.md.
//
// The attack in mind beyond those of its two parts: a rich friend's balance beside one's own identity (2 and 7 use the
// same secret, so the same holder).
template QualificationClaim(registryDepth, revocationDepth, setDepth, gapDepth) {
    // ---- PUBLIC ----
    signal input registryRoot; // field
    signal input policyHash;   // field: identity policy, asset, threshold and freshness in one number
    signal input now;          // 40 bits
    signal input scope;        // 248 bits
    signal input context;      // 248 bits

    // ---- PRIVATE: holder and identity credential, as in credential.circom ----
    signal input secret;
    signal input attributes[8];
    signal input schema;
    signal input serial;
    signal input issuedAt;
    signal input expiresAt;
    signal input issuerX;
    signal input issuerY;
    signal input r8x;
    signal input r8y;
    signal input s;
    signal input revocationRoot;
    signal input registryPath[registryDepth][8];
    signal input revocationLo;
    signal input revocationHi;
    signal input revocationPath[revocationDepth][8];
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

    // ---- PRIVATE: balance credential and its part of the policy ----
    signal input balanceAsset;          // 248 bits (part of policyHash)
    signal input balanceThreshold;      // 128 bits (part of policyHash)
    signal input balanceFresh;          // 40 bits: seconds (part of policyHash)
    signal input balanceAmount;         // 128 bits
    signal input balanceAccountRef;     // 128 bits
    signal input balanceSerial;
    signal input balanceIssuedAt;       // 40 bits
    signal input balanceExpiresAt;      // 40 bits
    signal input balanceIssuerX;
    signal input balanceIssuerY;
    signal input balanceR8x;
    signal input balanceR8y;
    signal input balanceS;
    signal input balanceRevocationRoot;
    signal input balanceRegistryPath[registryDepth][8];

    // ---- OUTPUT ----
    signal output nullifier;
    signal output linkTag;
    signal output disclosed;
    signal output pledge;

    // (1) The clock fits 40 bits.
    RangeCheck(TIME_BITS())(now);

    // (2) The identity credential was signed for this holder; (3) it is valid now; (5) its issuer is registered.
    signal holder <== HolderCommitment()(secret);
    signal attributesHash <== AttributesHash()(attributes);
    signal rootFound <== SignedCredential(registryDepth)(holder, attributesHash, schema, serial, issuedAt, expiresAt,
        now, issuerX, issuerY, r8x, r8y, s, revocationRoot, registryPath);
    rootFound === registryRoot;

    // (4) It is not revoked.
    signal revocationFound <== GapNonMembership(revocationDepth, 128)(serial, revocationLo, revocationHi, revocationPath);
    revocationFound === revocationRoot;

    // (6) It satisfies the identity part of the policy.
    signal identityPolicy;
    (identityPolicy, disclosed) <== SatisfiesPolicy(setDepth, gapDepth)(schema, attributes, compareSlot, compareOp,
        compareOperand, setCode, setRoot, setPath, gapCode, gapRoot, gapLo, gapHi, gapPath, discloseCode);

    // (7) The balance credential was signed for the same holder, is valid now, and its issuer is registered.
    signal balanceHash <== AttributesHash()([balanceAsset, balanceAmount, balanceAccountRef, 0, 0, 0, 0, 0]);
    signal balanceRootFound <== SignedCredential(registryDepth)(holder, balanceHash, BALANCE_SCHEMA(), balanceSerial,
        balanceIssuedAt, balanceExpiresAt, now, balanceIssuerX, balanceIssuerY, balanceR8x, balanceR8y, balanceS,
        balanceRevocationRoot, balanceRegistryPath);
    balanceRootFound === registryRoot;

    // (8) now <= issuedAt + fresh: not older than the policy allows.
    RangeCheck(TIME_BITS())(balanceFresh);
    AssertLessEq(TIME_BITS() + 1)(now, balanceIssuedAt + balanceFresh);

    // (9) amount >= threshold.
    RangeCheck(128)(balanceAmount);
    RangeCheck(128)(balanceThreshold);
    AssertLessEq(128)(balanceThreshold, balanceAmount);

    // (10) The whole policy is the one that the verifier asked for.
    signal policyFound <== Poseidon(5)([TAG_QUALIFICATION(), identityPolicy, balanceAsset, balanceThreshold,
        balanceFresh]);
    policyFound === policyHash;

    // (11) The pledge of the account for this day.
    signal epoch <== PledgeEpoch()(now);
    pledge <== Pledge()(secret, balanceAccountRef, epoch);

    // (12) Spent once per scope, bound to one context.
    (nullifier, linkTag) <== Binding()(secret, scope, context);
}
