//! A provider in memory, an adapter for it that keeps every clause except the one that it is set to
//! break, and the harness for both.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod adapter;
mod confinement;
pub(crate) mod exchange;
pub(crate) mod harness;
pub(crate) mod line;
pub(crate) mod mutants;
pub(crate) mod mutation;
pub(crate) mod pages;
pub(crate) mod provider;
pub(crate) mod requests;
pub(crate) mod twist;
