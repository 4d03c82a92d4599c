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

/// Processor time of this process's threads in milliseconds, whatever else the machine does.
fn cpu_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let times = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    times
        .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok())
        .sum::<f64>()
        / 1e6
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
        let mut cpu = Vec::new();
        let mut times: Vec<_> = (0..12)
            .map(|_| {
                let (start, before) = (Instant::now(), cpu_ms());
                key.prove(&witness, &Never).unwrap();
                cpu.push(cpu_ms() - before);
                start.elapsed()
            })
            .collect();
        cpu.sort_by(f64::total_cmp);
        println!("first {:?}", times[0]);
        times.sort();
        println!("CPU ms min {:.0} median {:.0}", cpu[0], cpu[cpu.len() / 2]);
        println!("min {:?} median {:?}", times[0], times[times.len() / 2]);
    });
}
