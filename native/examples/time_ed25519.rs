//! Times of checking Ed25519 signatures, one thread: `cargo run --release --no-default-features --example time_ed25519
//! [rounds]`. Each line is the least of all rounds, and the rounds of all lines take turns, so that they share the machine's load.

use std::hint::black_box;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use sha2::{Digest, Sha512};
use zkbazaar_native::ed25519::{Request, verify};

const PREFIX: &[u8] = b"zkbazaar ledger";
const SIZES: [usize; 7] = [8, 64, 256, 512, 1024, 4096, 10_000];

fn number(seed: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(seed.to_le_bytes()).into())
}

/// Honest signatures, one after another: key, R, S; and their messages.
fn signed(first: usize, count: usize, signers: u64) -> (Vec<u8>, Vec<u8>) {
    let (mut bytes, mut messages) = (Vec::new(), Vec::new());
    for index in first as u64..(first + count) as u64 {
        let (secret, nonce) = (number(index % signers), number(index + 1_000_000));
        let key = EdwardsPoint::mul_base(&secret).compress().to_bytes();
        let r = EdwardsPoint::mul_base(&nonce).compress().to_bytes();
        let message = &Sha512::digest(index.to_be_bytes())[..32];
        let hash = Sha512::new().chain_update(r).chain_update(key);
        let hash = hash.chain_update(PREFIX).chain_update(message);
        let s = nonce + Scalar::from_bytes_mod_order_wide(&hash.finalize().into()) * secret;
        bytes.extend([key, r, s.to_bytes()].as_flattened());
        messages.extend(message);
    }
    (bytes, messages)
}

/// The same equation with dalek's decoding and sums alone, for comparison.
fn by_dalek(request: &Request) -> bool {
    let (mut base, mut scalars, mut points) = (Scalar::ZERO, Vec::new(), Vec::new());
    for (index, entry) in request.entries.iter().enumerate() {
        let (r, s) = entry.signature.split_at(32);
        let decode = |bytes| CompressedEdwardsY::from_slice(bytes).ok()?.decompress();
        let (Some(key), Some(point)) = (decode(&entry.key), decode(r)) else {
            return false;
        };
        let hash = Sha512::new().chain_update(r).chain_update(entry.key);
        let hash = hash.chain_update(PREFIX).chain_update(request.message(index));
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let z = Scalar::from(u128::from_le_bytes(*coefficient(index)));
        base -= z * Scalar::from_bytes_mod_order(s.try_into().expect("32 bytes"));
        scalars.extend([z, z * k]);
        points.extend([point, key]);
    }
    scalars.push(base);
    points.push(ED25519_BASEPOINT_POINT);
    EdwardsPoint::vartime_multiscalar_mul(scalars, points)
        .mul_by_cofactor()
        .is_identity()
}

/// Stands for random bits, which cost the same.
fn coefficient(index: usize) -> &'static [u8; 16] {
    static BITS: std::sync::LazyLock<Vec<[u8; 16]>> = std::sync::LazyLock::new(|| {
        let random = |i: u64| *number(i).as_bytes().first_chunk().expect("32 bytes");
        (0..512).map(random).collect()
    });
    &BITS[index % 512]
}

fn request(bytes: &[u8], messages: &[u8], count: usize) -> Request {
    let keys: Vec<u32> = (0..count as u32).map(|i| i * 96).collect();
    let signatures: Vec<u32> = keys.iter().map(|key| key + 32).collect();
    Request::gather(bytes, &keys, &signatures, PREFIX, &messages[..count * 32])
        .expect("parts within the bytes")
}

struct Line {
    name: String,
    count: usize,
    least: f64,
    work: Box<dyn FnMut()>,
}

fn line(name: &str, count: usize, work: impl FnMut() + 'static) -> Line {
    Line {
        name: name.into(),
        count,
        least: f64::INFINITY,
        work: Box::new(work),
    }
}

/// Seconds of this thread, whatever else the machine does.
fn cpu() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a time of our own.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(10);
    let largest = SIZES[SIZES.len() - 1];
    let (bytes, messages) = signed(0, largest, u64::MAX);
    let (few, few_messages) = signed(0, largest, 16);
    let mut lines = Vec::new();
    for count in SIZES {
        for (who, bytes, messages) in [
            ("known keys", &bytes, &messages),
            ("16 signers", &few, &few_messages),
        ] {
            let request = request(bytes, messages, count);
            lines.push(line(&format!("verify, {who}, {count}"), count, move || {
                assert!(
                    verify(&request, 1)
                        .expect("random bytes")
                        .iter()
                        .all(|good| *good == 1)
                );
            }));
        }
    }
    let fresh = (1..=rounds).map(|round| {
        let (bytes, messages) = signed(round * 1_000_000, 2048, u64::MAX);
        request(&bytes, &messages, 2048)
    });
    let mut fresh: Vec<Request> = fresh.collect();
    lines.push(line("verify, new keys, 2048", 2048, move || {
        let request = fresh.pop().expect("one for each round");
        assert!(
            verify(&request, 1)
                .expect("random bytes")
                .iter()
                .all(|good| *good == 1)
        );
    }));
    let one_by_one = request(&bytes, &messages, 512);
    lines.push(line("by dalek alone, 512", 512, move || {
        assert!(by_dalek(&one_by_one))
    }));
    for bad in [1, 8, 512] {
        let mut changed = request(&bytes, &messages, 512);
        changed
            .entries
            .iter_mut()
            .step_by(512 / bad)
            .for_each(|entry| entry.signature[40] ^= 1);
        lines.push(line(&format!("verify, {bad} bad among 512"), 512, move || {
            let good = verify(&changed, 1)
                .expect("random bytes")
                .iter()
                .filter(|good| **good == 1)
                .count();
            assert_eq!(good, 512 - bad);
        }));
    }
    let encoded: Vec<[u8; 32]> = bytes.as_chunks::<96>().0[..1024]
        .iter()
        .map(|one| one[..32].try_into().expect("32 bytes"))
        .collect();
    let points: Vec<EdwardsPoint> = encoded
        .iter()
        .map(|point| CompressedEdwardsY(*point).decompress().expect("a point"))
        .collect();
    lines.push(line("dalek: one point decoded", encoded.len(), move || {
        for point in &encoded {
            black_box(CompressedEdwardsY(*point).decompress());
        }
    }));
    for half in [128, 256, 512] {
        let points = points[..2 * half].to_vec();
        let scalars: Vec<Scalar> = (0..2 * half as u64)
            .map(|i| {
                if i % 2 == 0 {
                    number(i)
                } else {
                    Scalar::from(u128::from(i) << 90 | 77)
                }
            })
            .collect();
        lines.push(line(
            &format!("dalek: sum for {half} signatures"),
            half,
            move || {
                black_box(EdwardsPoint::vartime_multiscalar_mul(&scalars, &points));
            },
        ));
    }
    let text = [7u8; 111];
    lines.push(line("SHA-512 of 111 bytes", 1000, move || {
        for _ in 0..1000 {
            black_box(Sha512::digest(black_box(&text)));
        }
    }));
    lines.push(line("scalars", 1000, move || {
        let wide = black_box([0x5a; 64]);
        let mut sum = Scalar::ZERO;
        for i in 0..1000u128 {
            let z = Scalar::from(i << 64 | 0x1234_5678);
            let k = Scalar::from_bytes_mod_order_wide(&wide);
            sum += z * k;
            sum -= z * black_box(k);
        }
        black_box(sum);
    }));
    for _ in 0..rounds {
        for line in &mut lines {
            let start = cpu();
            (line.work)();
            line.least = line.least.min((cpu() - start) * 1e6 / line.count as f64);
        }
    }
    for line in lines {
        println!("{:34} {:8.3} us each", line.name, line.least);
    }
}
