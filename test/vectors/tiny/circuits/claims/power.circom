pragma circom 2.2.0;
include "../lib/square.circom";
include "../circomlib/bitify.circom";

template PowerOfEight() {
    signal input salt;
    signal input a;
    signal input note[2][2];
    signal output out;
    _ <== Num2Bits(16)(a);
    signal inverse <-- a == 0 ? 0 : 1 / a;
    a * inverse === 1;
    signal a2 <== Square()(a);
    signal a4 <== Square()(a2);
    out <== a4 * a4 + salt;
    signal noteSquare <== note[0][0] * note[1][1];
    signal otherNote <== note[0][1] * note[1][0];
    log("a log line that must go nowhere", a, note[0][0]);
}
