//! Files that cannot be written or read: a real server and ours answer the same, and go on in the same way.

use std::fs;
use std::time::Duration;

use e2e::process::Server;
use redarium_resp::decode::Reply;

use crate::persistence::{Folder, Side};

/// A real server and ours, each with a folder of its own.
struct Both {
    folders: [Folder; 2],
    sides: [Side; 2],
}

impl Both {
    /// Starts both with `users.acl` of this text.
    fn start(args: &[&str], users: &str) -> Self {
        let folders = [Folder::new(), Folder::new()];
        for folder in &folders {
            fs::write(folder.file("users.acl"), users).unwrap();
        }
        let sides = [Server::redis, Server::redarium]
            .iter()
            .zip(&folders)
            .map(|(start, folder)| Side::of(start(&[&["--dir", folder.path()][..], args].concat())))
            .collect::<Vec<_>>();
        let Ok(sides) = sides.try_into() else { unreachable!("two") };
        Self { folders, sides }
    }

    /// The answer that both give.
    #[track_caller]
    fn run(&mut self, line: &str) -> Reply {
        let [theirs, ours] = self.sides.each_mut().map(|side| side.run(line));
        assert_eq!(shown(&ours), shown(&theirs), "{line}");
        ours
    }

    /// Waits until a background save has failed.
    fn await_failure(&mut self) {
        for side in &mut self.sides {
            for _ in 0..1000 {
                let info = side.run("INFO persistence");
                let text = String::from_utf8_lossy(info.as_bytes().unwrap()).into_owned();
                if text.contains("rdb_last_bgsave_status:err") {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// A reply as redis-cli shows it, but for a flag of users that is shown since 7.2.
fn shown(reply: &Reply) -> String {
    redarium_resp::render::render(reply).replace(" sanitize-payload", "")
}

#[test]
fn a_snapshot_that_cannot_be_written_stops_writes() {
    let mut both = Both::start(&["--save", "3600 1"], "");
    for folder in &both.folders {
        // Nothing can be put in place of a folder.
        fs::create_dir(folder.file("dump.rdb")).unwrap();
    }
    for line in ["SET a 1", "SAVE", "PING", "SET a 2", "BGSAVE"] {
        both.run(line);
    }
    both.await_failure();
    for line in [
        "SET a 3",
        "PING",
        "GET a",
        "DEL nothing",
        "PUBLISH a b",
        "MULTI",
        "GET a",
        "EXEC",
        "MULTI",
        "SET a 4",
        "EXEC",
        "CONFIG SET stop-writes-on-bgsave-error no",
        "SET a 5",
        "CONFIG SET stop-writes-on-bgsave-error yes",
        "SET a 6",
        "SHUTDOWN",
        "GET a",
        "CONFIG SET save \"\"",
        "SET a 7",
        "CONFIG SET save \"3600 1\"",
        "SET a 8",
    ] {
        both.run(line);
    }
    for folder in &both.folders {
        fs::remove_dir(folder.file("dump.rdb")).unwrap();
    }
    for line in ["SAVE", "SET a 9", "GET a"] {
        assert!(!both.run(line).is_error(), "{line}: it can be written again");
    }
}

#[test]
fn users_are_read_and_written_alike() {
    let users =
        "user default on nopass ~* &* +@all\nuser ann on >secret ~a* %R~b* +get (+set ~c)\n";
    let mut both = Both::start(&["--aclfile", "users.acl", "--save", ""], users);
    for line in ["ACL LIST", "ACL SETUSER bo on nopass +@read", "ACL SAVE", "ACL LIST"] {
        assert!(!both.run(line).is_error(), "{line}");
    }
    for text in [
        "user ann on +get\nuser ann off\n",
        "usr ann on\n",
        "user\n",
        "user ann on +foo -bar\nuser bo ~*\nuser x %Q~a\n",
        "user ann on >x #12\n",
        "user \"a b\" on\n",
        "user ann allkeys ~x\n",
        "user ann on <x\n",
        "  user   bo   on   nopass  \r\n",
        "user ann on +config|get|x\n",
        "USER ann on\n",
        "\n\n  user cy on nopass ~* +@all\n",
    ] {
        for folder in &both.folders {
            fs::write(folder.file("users.acl"), text).unwrap();
        }
        both.run("ACL LOAD");
        both.run("ACL LIST");
    }
    let [theirs, ours] = both.folders.each_ref().map(|folder| {
        fs::remove_file(folder.file("users.acl")).unwrap();
        folder.file("users.acl")
    });
    both.run("ACL LOAD");
    both.run("ACL SAVE");
    let [theirs, ours] = [theirs, ours].map(|file| fs::read_to_string(file).unwrap());
    assert_eq!(ours.replace(" sanitize-payload", ""), theirs, "the file");
}
