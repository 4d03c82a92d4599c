pragma circom 2.2.0;

include "../circomlib/bitify.circom";

// Range checks and ordered comparison. Every comparison of this project is a range check of a difference whose two
// sides were range-checked before: without that, r - 1 is "small" and r - x "large", which is how others lost money.

// in is an integer of n bits, n < 254.
template RangeCheck(n) {
    assert(n < 254);
    signal input in;
    _ <== Num2Bits(n)(in);
}

// a <= b, for a and b that the caller has range-checked to n bits (n < 252, so the difference cannot wrap).
template AssertLessEq(n) {
    assert(n < 252);
    signal input a;
    signal input b;
    RangeCheck(n)(b - a);
}

// a < b, same conditions as AssertLessEq.
template AssertLess(n) {
    assert(n < 252);
    signal input a;
    signal input b;
    RangeCheck(n)(b - a - 1);
}

// out = 1 if a < b else 0, for a and b that the caller has range-checked to n bits.
template IsLess(n) {
    assert(n < 252);
    signal input a;
    signal input b;
    signal output out;
    // a - b + 2^n lies in (0, 2^(n+1)); its top bit says a >= b.
    signal bits[n + 1] <== Num2Bits(n + 1)(a - b + (1 << n));
    out <== 1 - bits[n];
}
