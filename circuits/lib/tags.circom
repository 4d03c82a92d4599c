pragma circom 2.2.0;

// Domain tags: the first input of every Poseidon hash. Each is the big-endian integer of the ASCII text
// "zkb:<name>"; src/crypto/tags.ts holds the same numbers, and a test compares the two.

function TAG_HOLDER() { return 578109590610575773427058; }
function TAG_ATTRS() { return 2258240588292581257843; }
function TAG_CREDENTIAL() { return 2482961785152814622013819361780076; }
function TAG_NODE() { return 8821252298235667557; }
function TAG_ISSUER() { return 578109590611692583478642; }
function TAG_GAP() { return 34458016789520752; }
function TAG_MEMBER() { return 578109590616030398539122; }
function TAG_NULLIFIER() { return 9699069473456314453972375659890; }
function TAG_LINK() { return 8821252298201722475; }
function TAG_PLEDGE() { return 578109590619358864107365; }
function TAG_POLICY() { return 578109590619371866776441; }
function TAG_QUALIFICATION() { return 41657186190364481853862227996243594407790; }
