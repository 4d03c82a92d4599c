//! Writes what the fuzzers begin with: sound files of each kind, and the tiny keys of `test/vectors`.

use std::fs;
use std::path::Path;

use zkbazaar_native_fuzz::entries::{TINY, good_jobs, graphs, sound_table};
use zkbazaar_native_fuzz::zkey::{values, wtns};

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = root.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    write("proving_key", "own", &TINY.file)?;
    for name in ["power", "chain"] {
        let path = format!("../../test/vectors/tiny/proofs/{name}/proving-key.zkey");
        write("proving_key", name, &fs::read(root.join(path))?)?;
    }
    write("witness", "file", &wtns(&TINY.witness))?;
    write("witness", "values", &values(&TINY.witness))?;
    write("verifying_key", "own", &TINY.packed)?;
    write("jobs", "own", &good_jobs())?;
    for first in [0, 1] {
        write("table", &first.to_string(), &[&[first], &sound_table()[..]].concat())?;
    }
    for (index, graph) in graphs().iter().enumerate() {
        write("witness_graph", &index.to_string(), graph)?;
    }
    Ok(())
}
