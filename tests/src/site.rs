//! The built site, served from this process under a path of its own: the page may not count on being at `/`.
//!
//! The page is told to use nothing but this site, and the browser reports to the site whatever it then refuses:
//! that covers workers, which the logs of the browser leave out.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use rouille::{Request, Response, Server};

const BASE: &str = "/some/where";
/// Where the browser sends its reports.
const REPORTS: &str = "/refused";

/// A running server of `dist/`, stopped when dropped.
#[derive(Debug)]
pub struct Site {
    port: u16,
    stop: Sender<()>,
    refused: Reports,
    asked: Reports,
}

type Reports = Arc<Mutex<Vec<String>>>;

impl Site {
    /// Serves what `cargo xtask build` wrote.
    ///
    /// # Panics
    ///
    /// If nothing was built.
    pub fn start() -> Self {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
        assert!(dist.join("index.html").is_file(), "no site: run `cargo xtask build` first");
        let refused = Reports::default();
        let asked = Reports::default();
        let (reports, paths) = (Arc::clone(&refused), Arc::clone(&asked));
        let server = Server::new("127.0.0.1:0", move |request| {
            paths.lock().unwrap_or_else(PoisonError::into_inner).push(request.url());
            answer(&dist, &reports, request)
        });
        let server = server.expect("this machine has a free port");
        let port = server.server_addr().port();
        let (_, stop) = server.stoppable();
        Self { port, stop, refused, asked }
    }

    /// The address of a file of the site; `""` is the page.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{BASE}/{path}", self.port)
    }

    /// The paths that were asked for so far.
    pub fn requests(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the page or its workers wanted from elsewhere so far: the reports of the browser, in JSON.
    pub fn foreign_requests(&self) -> Vec<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // The server may have ended by itself, which is as good.
        self.stop.send(()).ok();
    }
}

fn answer(dist: &Path, reports: &Reports, request: &Request) -> Response {
    if request.url() == REPORTS {
        let mut report = String::new();
        if let Some(mut body) = request.data() {
            body.read_to_string(&mut report).ok();
        }
        reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        return Response::empty_204();
    }
    let Some(inside) = request.remove_prefix(BASE) else {
        return Response::empty_404();
    };
    if inside.url() != "/" {
        return rouille::match_assets(&inside, dist);
    }
    let Ok(page) = File::open(dist.join("index.html")) else {
        return Response::empty_404();
    };
    let policy = "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob: data:";
    Response::from_file("text/html; charset=utf-8", page).with_additional_header(
        "Content-Security-Policy",
        format!("{policy}; report-uri {REPORTS}"),
    )
}
