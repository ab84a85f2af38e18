//! What there is are the tests.
