//! The folder of tables: one file per proving key, bounded together, least recently used gone first.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use memmap2::MmapMut;

use super::build::build;
use super::file::{Layout, TableFile};
use crate::error::{Error, Result};
use crate::key::Zkey;
use crate::msm::Watch;
use crate::prove::active::Active;

const SUFFIX: &str = "table";
/// Bytes of the key's hash, and random bytes, in the names of tables and of tables that are being made.
const NAME_BYTES: usize = 16;
const TEMPORARY_BYTES: usize = 8;
/// Sums number the points of a section in 31 bits.
const MAX_POINTS: usize = 1 << 31;
const MAKING: &str = "making";
/// A file being made is locked at once after it was created: this long is more than enough.
const CREATING: Duration = Duration::from_secs(10);
/// Where locks are not to be had, what has not changed for so long was left by a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

/// What a table is made from.
pub struct Source<'a> {
    pub key: &'a Zkey,
    pub hash: &'a [u8; 32],
    pub bytes: &'a [u8],
    pub active: &'a Active,
}

/// Opens the table of a key.
/// Errors: NATIVE_TABLE_MISSING, NATIVE_TABLE_FOLDER_OPEN, NATIVE_TABLE_INVALID; the damaged file is removed.
pub fn open(folder: &Path, source: &Source<'_>) -> Result<TableFile> {
    require_private(folder)?;
    let path = path_of(folder, source.hash);
    let found = TableFile::open(&path, Layout::new(source.active), source.hash);
    match &found {
        // Its time of change is its time of use: what `make_room` goes by.
        Ok(_) => drop(
            File::options()
                .append(true)
                .open(&path)
                .and_then(|file| file.set_modified(SystemTime::now())),
        ),
        Err(error) if error.code == "NATIVE_TABLE_INVALID" => drop(fs::remove_file(&path)),
        Err(_) => {}
    }
    found
}

/// Makes the table of a key and opens it.
/// Errors: NATIVE_TABLE_LIMIT it would be larger than the limit, NATIVE_TABLE_FOLDER_OPEN, NATIVE_TABLE_UNWRITABLE,
/// NATIVE_CANCELLED.
pub fn make(folder: &Path, limit: u64, source: &Source<'_>, watch: &impl Watch) -> Result<TableFile> {
    let layout = Layout::new(source.active);
    let bytes = layout.bytes as u64;
    if bytes > limit || layout.points() > MAX_POINTS {
        let message = format!("the table would take {bytes} bytes, the limit is {limit}");
        return Err(Error::new("NATIVE_TABLE_LIMIT", message));
    }
    let path = path_of(folder, source.hash);
    create_private(folder).map_err(unwritable)?;
    require_private(folder)?;
    make_room(folder, limit - bytes);
    let temporary = folder.join(format!("{}.{MAKING}", hex(&random_name()?)));
    let written = write(&temporary, &layout, source, watch);
    let moved = written.and_then(|file| fs::rename(&temporary, &path).map(|()| file).map_err(unwritable));
    match moved {
        Ok(file) => drop(file),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
    }
    // Others may have made theirs meanwhile; this one is the newest and stays.
    make_room(folder, limit);
    open(folder, source)
}

fn unwritable(error: std::io::Error) -> Error {
    Error::new(
        "NATIVE_TABLE_UNWRITABLE",
        format!("the table folder cannot be written: {}", error.kind()),
    )
}

/// Not the process's number: in containers that is the same each time, and a killed one's file stands in the way.
fn random_name() -> Result<[u8; TEMPORARY_BYTES]> {
    let mut name = [0; TEMPORARY_BYTES];
    getrandom::fill(&mut name).map_err(|_| unwritable(std::io::ErrorKind::Other.into()))?;
    Ok(name)
}

/// The file, locked until it is dropped.
fn write(path: &Path, layout: &Layout, source: &Source<'_>, watch: &impl Watch) -> Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(unwritable)?;
    // Says to `make_room` that its maker lives; without locks the file's age does.
    let _ = file.try_lock();
    reserve(&file, layout.bytes as u64).map_err(unwritable)?;
    // SAFETY: the file was created by this call under a random name, and nobody else writes to it; its room is taken, so
    // that a write cannot fail.
    let mut map = unsafe { MmapMut::map_mut(&file) }.map_err(unwritable)?;
    build(
        &mut map,
        layout,
        source.key,
        source.hash,
        source.bytes,
        source.active,
        watch,
    )
    .map_err(|_| Error::new("NATIVE_CANCELLED", "cancelled"))?;
    map.flush().map_err(unwritable)?;
    Ok(file)
}

/// Takes the room on disk first: writing to a map of a file without blocks on a full disk would end the process.
fn reserve(file: &File, bytes: u64) -> std::io::Result<()> {
    use std::io::Write;
    let zeros = vec![0u8; 1 << 20];
    let mut left = bytes;
    let mut file = file;
    while left > 0 {
        let part = left.min(zeros.len() as u64);
        file.write_all(&zeros[..part as usize])?;
        left -= part;
    }
    Ok(())
}

/// Removes the least recently used tables until those left take no more than `bytes`, and what a killed process left.
fn make_room(folder: &Path, bytes: u64) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut tables: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else {
            continue;
        };
        if !metadata.is_file() || !is_ours(&path) {
            continue;
        }
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let age = modified.elapsed().unwrap_or_default();
        if extension == Some(MAKING) {
            if age > ABANDONED || (age > CREATING && is_unlocked(&path)) {
                let _ = fs::remove_file(&path);
            }
        } else if extension == Some(SUFFIX) {
            tables.push((modified, metadata.len(), path));
        }
    }
    tables.sort();
    let mut total: u64 = tables.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in tables {
        if total <= bytes {
            break;
        }
        // A process that still uses it keeps its map.
        if fs::remove_file(path).is_ok() {
            total -= size;
        }
    }
}

/// True for the names that `path_of` and `make` give: the folder is the user's choice, and may hold other things.
fn is_ours(path: &Path) -> bool {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let digits = match path.extension().and_then(|extension| extension.to_str()) {
        Some(SUFFIX) => 2 * NAME_BYTES,
        Some(MAKING) => 2 * TEMPORARY_BYTES,
        _ => return false,
    };
    stem.len() == digits && stem.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whoever can write to the folder can cut a mapped table short, which ends the process that reads it.
/// Errors: NATIVE_TABLE_FOLDER_OPEN.
fn require_private(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & 0o022 != 0) {
            let message = "others can write to the table folder, so it is not used: chmod go-w it";
            return Err(Error::new("NATIVE_TABLE_FOLDER_OPEN", message));
        }
    }
    Ok(())
}

fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// True if whoever made the file is gone; the operating system has dropped its lock then.
fn is_unlocked(path: &Path) -> bool {
    File::options()
        .write(true)
        .open(path)
        .is_ok_and(|file| file.try_lock().is_ok())
}

fn path_of(folder: &Path, hash: &[u8; 32]) -> PathBuf {
    folder.join(format!("{}.{SUFFIX}", hex(&hash[..NAME_BYTES])))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
