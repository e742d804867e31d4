//! The built page, in a headless browser. A new subject is a module beside this file.

mod start;
