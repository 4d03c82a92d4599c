/// What is known of one job, as `Outcome` of src/verifier/engine.ts; the number is the byte that crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// All holds that was asked for.
    Passed = 0,
    /// B is outside the subgroup of order r.
    OffSubgroup = 1,
    /// The pairing equation does not hold.
    Failed = 2,
    /// The job's group holds a bad proof; which one was not asked for.
    Suspect = 3,
    /// A coordinate or signal is not reduced, or a point is at infinity: the caller has checked less than it must.
    Malformed = 4,
    /// The first of A, B, C that is not on its curve.
    OffCurveA = 5,
    OffCurveB = 6,
    OffCurveC = 7,
}
