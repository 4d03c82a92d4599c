//! Tables made by several processes, and by some that do not live to finish them.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use zkbazaar_native::msm::Watch;

use crate::support::folder::Folder;
use crate::support::watch::Never;
use crate::tables::world;

const FOLDER: &str = "ZKBAZAAR_TEST_TABLES";
const STUCK: &str = "ZKBAZAAR_TEST_STUCK";
const SEED: u64 = 71;

/// Never gets past the first row.
struct Stuck(PathBuf);

impl Watch for Stuck {
    fn cancelled(&self) -> bool {
        fs::write(self.0.join("stuck"), "").expect("a sign");
        loop {
            std::thread::park();
        }
    }

    fn advance(&self, _: usize) {}
}

/// What the processes started below do; by itself it does nothing.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let world = world(SEED);
    let key = world.open();
    if std::env::var_os(STUCK).is_some() {
        let _ = key.make_table(&folder, u64::MAX, &Stuck(folder.clone()));
    }
    key.make_table(&folder, u64::MAX, &Never).expect("a table");
    world.check(&key, "with the table of several processes");
}

fn start(command: &mut Command, folder: &Folder) -> Child {
    command
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("a process")
}

fn child_command() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "making::child"]);
    command
}

#[test]
fn several_processes_make_the_same_table_at_once() {
    let folder = Folder::new();
    let children: Vec<Child> = (0..4).map(|_| start(&mut child_command(), &folder)).collect();
    for mut child in children {
        assert!(child.wait().expect("its end").success());
    }
    let world = world(SEED);
    let key = world.open();
    key.open_table(folder.path()).expect("a whole table");
    world.check(&key, "the last one's table");
    assert_eq!(folder.names("").len(), 1);
}

#[test]
fn several_threads_make_the_same_table_at_once() {
    let folder = Folder::new();
    let world = world(SEED);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let key = world.open();
                key.make_table(folder.path(), u64::MAX, &Never).expect("a table");
                world.check(&key, "a table of several threads");
            });
        }
    });
    assert_eq!(folder.names("").len(), 1);
}

#[test]
fn what_a_killed_process_left_is_removed_and_what_a_living_one_makes_is_not() {
    let folder = Folder::new();
    let mut stuck = start(child_command().env(STUCK, "1"), &folder);
    while !folder.path().join("stuck").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let left = folder.only(".making");
    let world = world(SEED);
    let make = || {
        world
            .open()
            .make_table(folder.path(), u64::MAX, &Never)
            .expect("a table")
    };
    let make_older = || {
        let file = fs::File::options()
            .append(true)
            .open(&left)
            .expect("what is being made");
        let minute_ago = SystemTime::now() - Duration::from_secs(60);
        file.set_modified(minute_ago).expect("a time");
    };
    make_older();
    make();
    assert!(left.exists(), "a living process lost its file");
    stuck.kill().expect("its death");
    stuck.wait().expect("its end");
    make_older();
    make();
    assert!(!left.exists(), "a dead process's file stayed");
    folder.only(".table");
    // Too young to say; and so old that locks no longer matter.
    for (name, age, stays) in [
        ("0123456789abcdef.making", 0, true),
        ("fedcba9876543210.making", 7200, false),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, "left").expect("a file");
        let file = fs::File::options().append(true).open(&path).expect("the file");
        let then = SystemTime::now() - Duration::from_secs(age);
        file.set_modified(then).expect("a time");
        make();
        assert_eq!(path.exists(), stays, "{name}");
    }
}

/// No file may become larger than a few blocks, as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_is_an_error_and_no_crash() {
    let folder = Folder::new();
    let script = "ulimit -f 8; trap '' XFSZ; exec \"$0\" \"$@\"";
    let mut command = Command::new("/bin/sh");
    let program = std::env::current_exe().expect("this program");
    command
        .args(["-c", script])
        .arg(program)
        .args(["--exact", "making::child"]);
    let output = command.env(FOLDER, folder.path()).output().expect("a process");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("NATIVE_TABLE_UNWRITABLE"), "{said}");
    assert_eq!(folder.names("").len(), 0);
}
