//! Servers on a port. A new subject is a module beside this file.

mod reference;
mod transcripts;
