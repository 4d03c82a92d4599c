//! Times of a proof's parts, for tuning: `cargo run --release --example time_prover key.zkey witness.wtns [tables] [threads]`.
use std::path::Path;
use std::time::Instant;

use zkbazaar_native::msm::Watch;
use zkbazaar_native::prove::ProvingKey;

struct Never;
impl Watch for Never {
    fn cancelled(&self) -> bool {
        false
    }
    fn advance(&self, _: usize) {}
}

/// Processor time of this process, whatever else the machine does.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat
        .rsplit(") ")
        .next()
        .unwrap_or("")
        .split(' ')
        .filter_map(|field| field.parse().ok())
        .collect();
    fields
        .get(10)
        .zip(fields.get(11))
        .map_or(0, |(user, system)| (user + system) * 10)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let threads = arguments.get(4).and_then(|text| text.parse().ok()).unwrap_or(2);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let start = Instant::now();
        let key = ProvingKey::open(Path::new(&arguments[1])).unwrap();
        println!("open {:?}", start.elapsed());
        if let Some(folder) = arguments.get(3).filter(|text| *text != "-") {
            let start = Instant::now();
            if let Err(error) = key.open_table(Path::new(folder)) {
                println!("{error}");
                key.make_table(Path::new(folder), u64::MAX, &Never).unwrap();
            }
            println!("table {:?} {} bytes", start.elapsed(), key.mapped_bytes());
        }
        let witness = std::fs::read(&arguments[2]).unwrap();
        let before = cpu_ms();
        let mut times: Vec<_> = (0..12)
            .map(|_| {
                let start = Instant::now();
                key.prove(&witness, &Never).unwrap();
                start.elapsed()
            })
            .collect();
        println!("first {:?}", times[0]);
        times.sort();
        println!("CPU per proof {:?} ms", (cpu_ms() - before) / 12);
        println!("min {:?} median {:?}", times[0], times[times.len() / 2]);
    });
}
