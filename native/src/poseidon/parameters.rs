//! Constants of one state width, made when it is first used, with the partial rounds' matrices in sparse form.

use ark_ff::{AdditiveGroup, Field, PrimeField, Zero};

use super::grain::Grain;
use crate::field::Fr;

pub const FULL_ROUNDS: usize = 8;
/// By state width from 2 on; eprint 2019/458, table 2, rounded up as circomlib does.
pub const PARTIAL_ROUNDS: [usize; 16] = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

pub type Matrix = Vec<Vec<Fr>>;

pub struct PartialRound {
    /// Added to the first element before its S-box.
    pub constant: Fr,
    /// The first element's next value is `row` times the state.
    pub row: Vec<Fr>,
    /// What the first element's power adds to each other element.
    pub column: Vec<Fr>,
}

pub struct Parameters {
    /// Added before the S-boxes of each full round.
    pub constants: Matrix,
    /// Mixes after each full round but the one before the partial rounds, whose matrix is `mix_to_partial`.
    pub mix: Matrix,
    pub mix_to_partial: Matrix,
    pub partial: Vec<PartialRound>,
}

impl Parameters {
    /// `width` is 2 to 17.
    pub fn new(width: usize) -> Self {
        let rounds = PARTIAL_ROUNDS[width - 2];
        let mut grain = Grain::new(width, FULL_ROUNDS, rounds);
        let mut constants: Matrix = (0..FULL_ROUNDS + rounds)
            .map(|_| (0..width).map(|_| grain.element()).collect())
            .collect();
        // A Cauchy matrix: 1 / (x_i + y_j). Its seeds are reduced where constants are skipped.
        let seeds: Vec<Fr> = (0..2 * width).map(|_| reduced(&mut grain)).collect();
        let (x, y) = seeds.split_at(width);
        let mix: Matrix = x
            .iter()
            .map(|x| y.iter().map(|y| (*x + y).inverse().unwrap_or_default()).collect())
            .collect();
        let half = FULL_ROUNDS / 2;
        let scalars = gather_constants(&mut constants, &mix, half, rounds);
        constants.drain(half..half + rounds);
        let (mix_to_partial, rows, columns) = sparse(&mix, rounds);
        let partial = scalars
            .into_iter()
            .zip(rows)
            .zip(columns)
            .map(|((constant, row), column)| PartialRound {
                constant,
                row,
                column,
            })
            .collect();
        Self {
            constants,
            mix,
            mix_to_partial,
            partial,
        }
    }
}

fn reduced(grain: &mut Grain) -> Fr {
    let mut value = grain.integer();
    while value >= Fr::MODULUS {
        ark_ff::BigInteger::sub_with_borrow(&mut value, &Fr::MODULUS);
    }
    Fr::from_bigint(value).unwrap_or_default()
}

/// In a partial round only the first element meets an S-box, so the others' constants may as well be added after it:
/// `mix * (0, c_1, ..)` joins the next round's constants. What is left is one scalar a round.
fn gather_constants(constants: &mut Matrix, mix: &Matrix, from: usize, count: usize) -> Vec<Fr> {
    (from..from + count)
        .map(|round| {
            let first = std::mem::take(&mut constants[round][0]);
            let carried = apply(mix, &constants[round]);
            for (constant, carried) in constants[round + 1].iter_mut().zip(carried) {
                *constant += carried;
            }
            first
        })
        .collect()
}

/// Write the matrix as [[m, v], [w, N]] and the state's tail before partial round k of K as N^(k-K) z_k. Then
///   x' = m s + v tail,  tail' = w s + N tail   becomes   x' = m s + (v N^(k-K)) z,  z' = z + (N^(K-k-1) w) s,
/// where s is the S-box's output. z_K is the tail itself, and z_0 = N^K tail_0 goes into the matrix before.
fn sparse(mix: &Matrix, rounds: usize) -> (Matrix, Matrix, Matrix) {
    let (m, v) = (mix[0][0], &mix[0][1..]);
    let w: Vec<Fr> = mix[1..].iter().map(|row| row[0]).collect();
    let n: Matrix = mix[1..].iter().map(|row| row[1..].to_vec()).collect();
    let inverse = transpose(&invert(&n));
    let (mut rows, mut columns) = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
    let (mut row, mut column) = (v.to_vec(), w);
    let mut before: Matrix = mix[1..].to_vec();
    for _ in 0..rounds {
        row = apply(&inverse, &row);
        rows.push([&[m], row.as_slice()].concat());
        columns.push(column.clone());
        column = apply(&n, &column);
        before = multiply(&n, &before);
    }
    rows.reverse();
    columns.reverse();
    before.insert(0, mix[0].clone());
    (before, rows, columns)
}

pub fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).fold(Fr::zero(), |sum, (a, b)| sum + *a * b)
}

pub fn apply(matrix: &Matrix, vector: &[Fr]) -> Vec<Fr> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

fn transpose(matrix: &Matrix) -> Matrix {
    (0..matrix[0].len())
        .map(|j| matrix.iter().map(|row| row[j]).collect())
        .collect()
}

fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    let columns = transpose(b);
    a.iter().map(|row| apply(&columns, row)).collect()
}

/// Gauss-Jordan without a search for pivots: every leading square part of a Cauchy matrix has an inverse.
fn invert(matrix: &Matrix) -> Matrix {
    let size = matrix.len();
    let mut work: Matrix = matrix
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let unit = (0..size).map(|j| if i == j { Fr::ONE } else { Fr::ZERO });
            row.iter().copied().chain(unit).collect()
        })
        .collect();
    for k in 0..size {
        let scale = work[k][k].inverse().unwrap_or_default();
        for value in &mut work[k] {
            *value *= scale;
        }
        let pivot = work[k].clone();
        for (i, row) in work.iter_mut().enumerate() {
            let factor = row[k];
            if i == k || factor.is_zero() {
                continue;
            }
            for (value, pivot) in row.iter_mut().zip(&pivot) {
                *value -= factor * pivot;
            }
        }
    }
    work.into_iter().map(|row| row[size..].to_vec()).collect()
}
