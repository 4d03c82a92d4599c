pragma circom 2.2.0;

include "../lib/binding.circom";
include "../lib/credential.circom";
include "../lib/gap.circom";
include "../lib/policy.circom";

// credential: "a registered issuer attested facts about me that satisfy this policy", without saying who I am, which
// issuer it was, or the facts. Page with numbered constraints: docs/circuits/credential.md.
//
// The attacks in mind: a credential of somebody else (2), one that ended or was revoked (3, 4), an issuer of one's own
// (5), a policy weaker than the one asked (6), the proof shown again elsewhere (7).
template CredentialClaim(registryDepth, revocationDepth, setDepth, gapDepth) {
    // ---- PUBLIC ----
    signal input registryRoot; // field: root of the registry that the verifier accepts
    signal input policyHash;   // field: the policy, computed by the verifier itself
    signal input now;          // 40 bits: seconds; the verifier compares with its clock
    signal input scope;        // 248 bits: what the nullifier is unique within
    signal input context;      // 248 bits: what this proof is bound to

    // ---- PRIVATE ----
    signal input secret;                          // field: the holder's secret
    signal input attributes[8];                   // field: what the issuer attested
    signal input schema;                          // 248 bits: which schema (part of policyHash)
    signal input serial;                          // 128 bits
    signal input issuedAt;                        // 40 bits
    signal input expiresAt;                       // 40 bits
    signal input issuerX;                         // field: the issuer's Baby Jubjub key
    signal input issuerY;                         // field
    signal input r8x;                             // field: signature
    signal input r8y;                             // field
    signal input s;                               // 251 bits
    signal input revocationRoot;                  // field: gap tree of the issuer's revoked serials
    signal input registryPath[registryDepth][8];  // field
    signal input revocationLo;                    // 128 bits
    signal input revocationHi;                    // 128 bits
    signal input revocationPath[revocationDepth][8];
    signal input compareSlot[4];                  // 0..7
    signal input compareOp[4];                    // 0..6
    signal input compareOperand[4];               // field; 128 bits under an order operator
    signal input setCode;                         // 0..8
    signal input setRoot;                         // field
    signal input setPath[setDepth][8];
    signal input gapCode;                         // 0..8
    signal input gapRoot;                         // field
    signal input gapLo;                           // 128 bits
    signal input gapHi;                           // 128 bits
    signal input gapPath[gapDepth][8];
    signal input discloseCode;                    // 0..8

    // ---- OUTPUT ----
    signal output nullifier; // one per holder and scope
    signal output linkTag;   // one per holder and context
    signal output disclosed; // the attribute asked for, or 0

    // (1) The clock fits 40 bits.
    RangeCheck(TIME_BITS())(now);

    // (2) The credential was signed for this holder; (3) it is valid now; (5) its issuer is registered.
    signal holder <== HolderCommitment()(secret);
    signal attributesHash <== AttributesHash()(attributes);
    signal rootFound <== SignedCredential(registryDepth)(holder, attributesHash, schema, serial, issuedAt, expiresAt,
        now, issuerX, issuerY, r8x, r8y, s, revocationRoot, registryPath);
    rootFound === registryRoot;

    // (4) Its serial is not among the issuer's revoked ones, under the revocation root that the registry pins.
    signal revocationFound <== GapNonMembership(revocationDepth, 128)(serial, revocationLo, revocationHi, revocationPath);
    revocationFound === revocationRoot;

    // (6) The attributes satisfy the policy that the verifier asked for.
    signal policyFound;
    (policyFound, disclosed) <== SatisfiesPolicy(setDepth, gapDepth)(schema, attributes, compareSlot, compareOp,
        compareOperand, setCode, setRoot, setPath, gapCode, gapRoot, gapLo, gapHi, gapPath, discloseCode);
    policyFound === policyHash;

    // (7) Spent once per scope, bound to one context.
    (nullifier, linkTag) <== Binding()(secret, scope, context);
}
