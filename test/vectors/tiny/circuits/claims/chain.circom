pragma circom 2.2.0;
include "../lib/square.circom";

template Chain(rounds) {
    signal input a;
    signal output last[2];
    signal steps[rounds + 1];
    steps[0] <== a;
    for (var i = 0; i < rounds; i++) {
        steps[i + 1] <== Square()(steps[i]);
    }
    last[0] <== steps[rounds - 1];
    last[1] <== steps[rounds];
}
