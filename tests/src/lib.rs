//! End-to-end and conformance tests of Redarium, and what they are driven with.
//!
//! - `browser` (feature `browser`): a headless Chromium, over `WebDriver`;
//! - `site` (feature `browser`): the built site, served from this process;
//! - `console`: what redis-cli prints, recorded for the console of the page;
//! - `process` (feature `server`): `redarium serve` and a real Redis, each on a port of its own;
//! - `wire` (feature `server`): a bare connection to one of them, on which any bytes can be sent.
//!
//! Knows nothing about commands or pages: that is in the tests.

#[cfg(feature = "browser")]
pub mod browser;
#[cfg(any(feature = "browser", feature = "server"))]
mod child;
#[cfg(any(feature = "browser", feature = "server"))]
pub mod console;
#[cfg(feature = "server")]
pub mod process;
#[cfg(feature = "browser")]
pub mod site;
#[cfg(feature = "server")]
pub mod wire;
