//! Tables for people, which fit the terminal.
