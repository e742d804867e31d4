//! Servers on a port. A new subject is a module beside this file.

#![expect(clippy::indexing_slicing, reason = "a test that reads too far has failed")]

mod malformed;
mod reference;
mod transcripts;
