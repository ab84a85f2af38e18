//! Nothing: the tests are in files of their own.
