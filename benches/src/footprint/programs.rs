//! Minimal programs that make one call each.

use std::fmt::Write as _;
use std::path::Path;

/// A program to build.
pub(crate) struct Program {
    /// The name of its folder, too.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    dependencies: &'static [&'static str],
    source: &'static str,
}

pub(crate) const BARE: &str = "reqwest-ring";
pub(crate) const PINATA: &str = "pinata";
pub(crate) const W3IPFS: &str = "w3ipfs";
pub(crate) const CORE: &str = "core";

/// The source in `programs/` that consists of these parts.
macro_rules! source {
    ($($part:literal),+) => { concat!($(include_str!(concat!("programs/", $part, ".rs"))),+) };
}

/// The facade with these features alone. `CRATES` is the folder of the library's crates.
macro_rules! facade {
    ($($feature:literal),+) => {
        concat!(
            "pinning-keys = { path = \"CRATES/pinning-keys\", default-features = false, ",
            "features = [", $("\"", $feature, "\", ",)+ "] }",
        )
    };
}

const TOKIO: &str = r#"tokio = { version = "1", default-features = false, features = ["rt"] }"#;
const SERDE: &str = r#"serde = { version = "1", features = ["derive"] }"#;
const UREQ: &str =
    r#"ureq = { version = "3", default-features = false, features = ["json", "rustls"] }"#;
const REQWEST: &str =
    r#"reqwest = { version = "0.13.5", default-features = false, features = ["json"] }"#;
const REQWEST_RING: &str = r#"reqwest = { version = "0.13.5", default-features = false, features = ["json", "rustls-no-provider"] }
rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }"#;
const DEFAULTS: &str = r#"pinning-keys = { path = "CRATES/pinning-keys" }"#;
const BULK: &str = r#"pinning-keys = { path = "CRATES/pinning-keys", features = ["bulk"] }"#;
const TRANSPORT: &str = r#"async-trait = "0.1"
bytes = "1"
http = "1"
tokio = { version = "1", default-features = false, features = ["rt", "time"] }"#;
const CORE_ALONE: &str = r#"pinning-keys-core = { path = "CRATES/core" }"#;

/// The programs that are compared.
pub(crate) const PROGRAMS: [Program; 11] = [
    program("ureq", "ureq, TLS with ring", &[UREQ, SERDE], source!("ureq", "wire")),
    program(
        "reqwest-plain",
        "reqwest + serde, no TLS",
        &[REQWEST, SERDE, TOKIO],
        source!("reqwest", "plain", "wire"),
    ),
    program(
        BARE,
        "reqwest + serde, TLS with ring",
        &[REQWEST_RING, SERDE, TOKIO],
        source!("reqwest", "ring", "wire"),
    ),
    program(
        PINATA,
        "pinning-keys: pinata, tls-ring",
        &[facade!("pinata", "tls-ring"), TOKIO],
        source!("issue", "pinata"),
    ),
    program(
        W3IPFS,
        "pinning-keys: w3ipfs, tls-ring",
        &[facade!("w3ipfs", "tls-ring"), TOKIO],
        source!("issue", "w3ipfs"),
    ),
    program(
        "default",
        "pinning-keys: all defaults",
        &[DEFAULTS, TOKIO],
        source!("issue", "configured"),
    ),
    program(
        "bulk",
        "pinning-keys: all defaults, bulk",
        &[BULK, TOKIO],
        source!("issue", "configured"),
    ),
    program(
        "aws-lc",
        "pinning-keys: pinata, tls-aws-lc",
        &[facade!("pinata", "tls-aws-lc"), TOKIO],
        source!("issue", "pinata"),
    ),
    program(
        "plain",
        "pinning-keys: pinata, reqwest (no TLS)",
        &[facade!("pinata", "reqwest"), TOKIO],
        source!("issue", "pinata"),
    ),
    program(
        "own-transport",
        "pinning-keys: pinata, a custom transport",
        &[facade!("pinata"), TRANSPORT],
        source!("issue", "own_transport"),
    ),
    program(CORE, "pinning-keys-core alone", &[CORE_ALONE], source!("core")),
];

const fn program(
    id: &'static str,
    title: &'static str,
    dependencies: &'static [&'static str],
    source: &'static str,
) -> Program {
    Program { id, title, dependencies, source }
}

impl Program {
    /// Writes the program to its own folder.
    pub(crate) fn write(&self, folder: &Path, crates: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder.join("src"))?;
        std::fs::write(folder.join("src/main.rs"), self.source)?;
        let mut manifest = format!(
            "[workspace]\n\n[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [profile.release]\nstrip = true\n\n[dependencies]\n",
            self.id,
        );
        for line in self.dependencies {
            let _ = writeln!(manifest, "{}", line.replace("CRATES", &crates.display().to_string()));
        }
        std::fs::write(folder.join("Cargo.toml"), manifest)
    }
}
