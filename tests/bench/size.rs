//! What the page weighs.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn run() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    println!("Size of dist/ in KB");
    println!("  {:<44} {:>7} {:>7} {:>7}", "", "raw", "gzip", "brotli");
    let mut page = [0.0; 3];
    let mut files: Vec<_> =
        fs::read_dir(dist).expect("the site is built").map(|file| file.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.is_file()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(path).unwrap();
        let sizes = [
            bytes.len() as f64,
            packed("gzip", &["-9"], &bytes),
            packed("brotli", &["-q", "11"], &bytes),
        ];
        println!(
            "  {name:<44} {:>7.1} {:>7.1} {:>7.1}",
            sizes[0] / 1e3,
            sizes[1] / 1e3,
            sizes[2] / 1e3
        );
        let is_later = ["redarium.", "redarium_bg.", "redarium-scripts-"]
            .iter()
            .any(|it| name.starts_with(it));
        if !is_later {
            page.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
        }
    }
    println!(
        "  {:<44} {:>7.1} {:>7.1} {:>7.1}",
        "first load of the page",
        page[0] / 1e3,
        page[1] / 1e3,
        page[2] / 1e3
    );
}

/// Bytes after a command-line packer.
fn packed(program: &str, args: &[&str], bytes: &[u8]) -> f64 {
    let mut child = Command::new(program)
        .args(args)
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(&bytes).unwrap());
        child.wait_with_output().unwrap().stdout.len()
    });
    writer as f64
}
