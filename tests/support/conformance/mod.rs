//! The harness of the conformance suite for both adapters, in each configuration that can be,
//! on the emulator, over TCP and in memory.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod broken;
pub(crate) mod configuration;
pub(crate) mod faults;
pub(crate) mod log;
pub(crate) mod outside;
pub(crate) mod routes;
pub(crate) mod stand;
pub(crate) mod wire;
