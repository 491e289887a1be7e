//! Programs of one call each, as small as they can be.

use std::fmt::Write as _;
use std::path::Path;

/// A program to be built.
pub(crate) struct Program {
    /// Names its folder too.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    dependencies: &'static [&'static str],
    source: &'static str,
}

pub(crate) const BARE: &str = "reqwest-ring";
pub(crate) const PINATA: &str = "pinata";
pub(crate) const W3IPFS: &str = "w3ipfs";
pub(crate) const CORE: &str = "core";

const TOKIO: &str = r#"tokio = { version = "1", default-features = false, features = ["rt"] }"#;
const SERDE: &str = r#"serde = { version = "1", features = ["derive"] }"#;

/// What is compared. The folder of the library's crates stands for `CRATES`.
pub(crate) const PROGRAMS: [Program; 11] = [
    Program {
        id: "ureq",
        title: "ureq, TLS with ring",
        dependencies: &[
            r#"ureq = { version = "3", default-features = false, features = ["json", "rustls"] }"#,
            SERDE,
        ],
        source: include_str!("programs/ureq.rs"),
    },
    Program {
        id: "reqwest-plain",
        title: "reqwest + serde, no TLS",
        dependencies: &[
            r#"reqwest = { version = "0.13.5", default-features = false, features = ["json"] }"#,
            SERDE,
            TOKIO,
        ],
        source: include_str!("programs/reqwest_plain.rs"),
    },
    Program {
        id: BARE,
        title: "reqwest + serde, TLS with ring",
        dependencies: &[
            r#"reqwest = { version = "0.13.5", default-features = false, features = ["json", "rustls-no-provider"] }"#,
            r#"rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }"#,
            SERDE,
            TOKIO,
        ],
        source: include_str!("programs/reqwest_ring.rs"),
    },
    Program {
        id: PINATA,
        title: "pinning-keys: pinata, tls-ring",
        dependencies: &[
            r#"pinning-keys = { path = "CRATES/pinning-keys", default-features = false, features = ["pinata", "tls-ring"] }"#,
            TOKIO,
        ],
        source: include_str!("programs/pinata.rs"),
    },
    Program {
        id: W3IPFS,
        title: "pinning-keys: w3ipfs, tls-ring",
        dependencies: &[
            r#"pinning-keys = { path = "CRATES/pinning-keys", default-features = false, features = ["w3ipfs", "tls-ring"] }"#,
            TOKIO,
        ],
        source: include_str!("programs/w3ipfs.rs"),
    },
    Program {
        id: "default",
        title: "pinning-keys: all defaults",
        dependencies: &[r#"pinning-keys = { path = "CRATES/pinning-keys" }"#, TOKIO],
        source: include_str!("programs/configured.rs"),
    },
    Program {
        id: "bulk",
        title: "pinning-keys: all defaults, bulk",
        dependencies: &[
            r#"pinning-keys = { path = "CRATES/pinning-keys", features = ["bulk"] }"#,
            TOKIO,
        ],
        source: include_str!("programs/configured.rs"),
    },
    Program {
        id: "aws-lc",
        title: "pinning-keys: pinata, tls-aws-lc",
        dependencies: &[
            r#"pinning-keys = { path = "CRATES/pinning-keys", default-features = false, features = ["pinata", "tls-aws-lc"] }"#,
            TOKIO,
        ],
        source: include_str!("programs/pinata.rs"),
    },
    Program {
        id: "plain",
        title: "pinning-keys: pinata, reqwest (no TLS)",
        dependencies: &[
            r#"pinning-keys = { path = "CRATES/pinning-keys", default-features = false, features = ["pinata", "reqwest"] }"#,
            TOKIO,
        ],
        source: include_str!("programs/pinata.rs"),
    },
    Program {
        id: "own-transport",
        title: "pinning-keys: pinata, a custom transport",
        dependencies: &[
            r#"pinning-keys = { path = "CRATES/pinning-keys", default-features = false, features = ["pinata"] }"#,
            r#"async-trait = "0.1""#,
            r#"bytes = "1""#,
            r#"http = "1""#,
            r#"tokio = { version = "1", default-features = false, features = ["rt", "time"] }"#,
        ],
        source: include_str!("programs/own_transport.rs"),
    },
    Program {
        id: CORE,
        title: "pinning-keys-core alone",
        dependencies: &[r#"pinning-keys-core = { path = "CRATES/core" }"#],
        source: include_str!("programs/core.rs"),
    },
];

impl Program {
    /// Writes the program into a folder of its own.
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
