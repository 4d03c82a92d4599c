pragma circom 2.2.0;

// one-hot position of index in 0..n-1. An index outside has no solution: hot[i] can be non-zero only where
// index = i, and the sum must be 1, so exactly that one is 1. (No booleanity constraint is needed on top.)
template OneHot(n) {
    signal input index;
    signal output hot[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        hot[i] <-- index == i ? 1 : 0;
        hot[i] * (index - i) === 0;
        sum += hot[i];
    }
    sum === 1;
}

// out = values[i] where hot[i] is 1, for a one-hot vector.
template Pick(n) {
    signal input hot[n];
    signal input values[n];
    signal output out;
    signal term[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        term[i] <== hot[i] * values[i];
        sum += term[i];
    }
    out <== sum;
}
