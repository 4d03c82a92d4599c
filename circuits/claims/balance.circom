pragma circom 2.2.0;

include "../lib/binding.circom";
include "../lib/credential.circom";
include "../lib/range.circom";

// balance: "registered custodians attest that I hold at least `threshold` of `asset`", over up to `accounts` accounts
// of one holder. Page with numbered constraints: docs/circuits/balance.md.
//
// The attacks in mind: one account counted twice, under one credential or two (5); an old statement (4); an amount or a
// sum that wraps around the field (6); one account behind several open orders (7).
template BalanceClaim(accounts, registryDepth) {
    // ---- PUBLIC ----
    signal input registryRoot; // field
    signal input asset;        // 248 bits: ASCII code as an integer
    signal input threshold;    // 128 bits: minor units
    signal input minIssuedAt;  // 40 bits: the oldest statement accepted
    signal input now;          // 40 bits
    signal input scope;        // 248 bits
    signal input context;      // 248 bits

    // ---- PRIVATE ----
    signal input secret;
    signal input used[accounts];           // 1 for the slots that count, first slots first; slot 0 always does
    signal input amount[accounts];         // 128 bits: minor units
    signal input accountRef[accounts];     // 128 bits: the custodian's reference, the same for the same account
    signal input serial[accounts];
    signal input issuedAt[accounts];       // 40 bits
    signal input expiresAt[accounts];      // 40 bits
    signal input issuerX[accounts];
    signal input issuerY[accounts];
    signal input r8x[accounts];
    signal input r8y[accounts];
    signal input s[accounts];
    signal input revocationRoot[accounts]; // part of the registry leaf; revocation itself is replaced by minIssuedAt
    signal input registryPath[accounts][registryDepth][8];

    // ---- OUTPUT ----
    signal output nullifier;
    signal output linkTag;
    signal output pledge[accounts];        // one per account and day; 0 for an unused slot

    // (1) Ranges of what the verifier chose.
    RangeCheck(TIME_BITS())(now);
    RangeCheck(TIME_BITS())(minIssuedAt);
    RangeCheck(128)(threshold);

    signal holder <== HolderCommitment()(secret);
    signal epoch <== PledgeEpoch()(now);

    // (2) The used slots are the first ones, and there is at least one. An unused slot still has to hold a valid
    //     credential (the caller repeats slot 0): nothing below is switched off but its amount and its pledge.
    used[0] === 1;
    for (var i = 1; i < accounts; i++) {
        used[i] * (used[i] - 1) === 0;
        used[i] * (1 - used[i - 1]) === 0;
    }

    signal attributesHash[accounts];
    signal rootFound[accounts];
    signal counted[accounts];
    signal step[accounts];
    signal pledgeOf[accounts];
    var sum = 0;
    for (var i = 0; i < accounts; i++) {
        // (3) Signed for this holder and this asset, valid now, issuer registered.
        attributesHash[i] <== AttributesHash()([asset, amount[i], accountRef[i], 0, 0, 0, 0, 0]);
        rootFound[i] <== SignedCredential(registryDepth)(holder, attributesHash[i], BALANCE_SCHEMA(), serial[i],
            issuedAt[i], expiresAt[i], now, issuerX[i], issuerY[i], r8x[i], r8y[i], s[i], revocationRoot[i],
            registryPath[i]);
        rootFound[i] === registryRoot;

        // (4) Not older than asked.
        AssertLessEq(TIME_BITS())(minIssuedAt, issuedAt[i]);

        // (5) Account references strictly increase over the used slots, so no account is there twice.
        RangeCheck(128)(accountRef[i]);
        if (i > 0) {
            step[i] <== used[i] * (accountRef[i] - accountRef[i - 1] - 1);
            RangeCheck(128)(step[i]);
        } else {
            step[i] <== 0;
        }

        // (6) Amounts below 2^128, added only where the slot is used.
        RangeCheck(128)(amount[i]);
        counted[i] <== used[i] * amount[i];
        sum += counted[i];

        // (7) The pledge of the account for this day.
        pledgeOf[i] <== Pledge()(secret, accountRef[i], epoch);
        pledge[i] <== used[i] * pledgeOf[i];
    }

    // (6) sum >= threshold: both below 2^130, so the difference is either small or enormous.
    RangeCheck(130)(sum - threshold);

    // (8) Spent once per scope, bound to one context.
    (nullifier, linkTag) <== Binding()(secret, scope, context);
}
