//! A static web server for the built site, for this machine only.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use rouille::{Request, Response, Server};

use crate::site;

/// The port of `cargo xtask serve` when none is named.
pub const DEFAULT_PORT: u16 = 8080;

/// Builds the site and serves it until the program is stopped.
pub fn serve(port: u16) -> Result<()> {
    let dist = site::dist();
    // Bound before the build: a port in use is said at once, not minutes later.
    let server = Server::new(("127.0.0.1", port), move |request| answer(&dist, request)).map_err(
        |error| anyhow!("cannot listen on port {port}: {error}; try another one with --port"),
    )?;
    site::build()?;
    println!("\nRedarium is at http://{}  (stop with Ctrl-C)", server.server_addr());
    server.run();
    Ok(())
}

fn answer(dist: &Path, request: &Request) -> Response {
    if !matches!(request.method(), "GET" | "HEAD") {
        return Response::text("only GET and HEAD\n").with_status_code(405);
    }
    match find(dist, &request.url()) {
        Some((path, file)) => Response::from_file(mime(&path), file)
            .with_additional_header("Cache-Control", "no-cache"),
        None => Response::text("not found\n").with_status_code(404),
    }
}

/// The file behind an address; a folder stands for its index.html. Nothing outside `dist` is ever found.
fn find(dist: &Path, url: &str) -> Option<(PathBuf, File)> {
    let mut path = dist.to_path_buf();
    for name in url.split('/').filter(|name| !name.is_empty()) {
        if name == ".." || name.contains(['\\', ':']) {
            return None;
        }
        path.push(name);
    }
    if path.is_dir() {
        path.push("index.html");
    }
    Some((path.clone(), File::open(path).ok()?))
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "md" | "txt" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool;

    #[test]
    fn addresses_stay_inside_the_site() {
        let crate_folder = tool::root().join("crates/xtask");
        let found = |url| find(&crate_folder, url).map(|(path, _)| path);
        assert_eq!(found("/src/serve.rs"), Some(crate_folder.join("src/serve.rs")));
        assert_eq!(found("/../../Cargo.toml"), None, "a parent folder");
        assert_eq!(found("/absent.js"), None, "a missing file");
        assert_eq!(found("/src"), None, "a folder without index.html");
    }

    #[test]
    fn scripts_and_wasm_have_the_types_browsers_insist_on() {
        assert_eq!(mime(Path::new("a/app.js")), "text/javascript; charset=utf-8");
        assert_eq!(mime(Path::new("app_bg.wasm")), "application/wasm");
    }
}
