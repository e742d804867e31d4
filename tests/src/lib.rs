//! End-to-end and conformance tests of Redarium.
