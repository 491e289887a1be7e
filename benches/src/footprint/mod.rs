//! Measures what the dependency costs: crates, clean builds, and the size of a program.

mod programs;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::process::cargo;
use crate::results::{self, Effort};
use crate::stats::{Spread, median};
use crate::table::Table;
pub(crate) use programs::{BARE, CORE, PINATA, W3IPFS};
use programs::{PROGRAMS, Program};

/// Programs whose build times are compared are built several times in turn, the others once.
const COMPARED: [&str; 3] = [BARE, PINATA, CORE];
const ROUNDS: u32 = 3;

/// What was measured for all programs.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) programs: Vec<Footprint>,
    /// Whether the tests without the system's CA certificates, and with custom ones, passed.
    pub(crate) certificates: Option<bool>,
}

/// What was measured for a program.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Footprint {
    pub(crate) id: String,
    title: String,
    /// The third-party crates in its tree.
    pub(crate) third_party: BTreeSet<String>,
    /// How many crates of this library are in its tree.
    pub(crate) ours: usize,
    /// How long clean builds took, in seconds.
    pub(crate) debug_seconds: Vec<f64>,
    release_seconds: Vec<f64>,
    /// The size of a release build without symbols.
    stripped_bytes: Option<u64>,
}

impl Figures {
    pub(crate) fn of(&self, id: &str) -> Option<&Footprint> {
        self.programs.iter().find(|program| program.id == id)
    }

    fn entry(&mut self, program: &Program) -> &mut Footprint {
        let mut entries = self.programs.iter_mut();
        entries.find(|entry| entry.id == program.id).expect("every program has an entry")
    }

    /// The crates that one program has and another lacks.
    pub(crate) fn added(&self, id: &str, over: &str) -> Option<Vec<&str>> {
        let (with, without) = (self.of(id)?, self.of(over)?);
        Some(with.third_party.difference(&without.third_party).map(String::as_str).collect())
    }

    /// The ratio of the clean debug builds of a program to those of another, turn by turn.
    pub(crate) fn build_ratio(&self, id: &str, over: &str) -> Option<Spread> {
        let (program, other) = (self.of(id)?, self.of(over)?);
        let pairs = program.debug_seconds.iter().zip(&other.debug_seconds);
        Spread::of(pairs.map(|(program, other)| program / other))
    }
}

pub(crate) fn run(effort: Effort) -> Result<()> {
    let mut figures = Figures::default();
    for program in &PROGRAMS {
        eprintln!("footprint: the crates of {}", program.title);
        figures.programs.push(program.crates()?);
    }
    if !effort.quick {
        build_all(&mut figures, effort)?;
    }
    println!("\n{}", table(&figures));
    Ok(())
}

/// Builds all programs, first those that a budget compares. Figures are stored as they arrive,
/// since this takes long.
fn build_all(figures: &mut Figures, effort: Effort) -> Result<()> {
    let is_compared = |program: &Program| COMPARED.contains(&program.id);
    let compared = (0..ROUNDS).flat_map(|_| PROGRAMS.iter().filter(|program| is_compared(program)));
    let others = PROGRAMS.iter().filter(|program| !is_compared(program));
    figures.certificates = Some(certificates()?);
    for program in compared.chain(others) {
        eprintln!("footprint: debug build of {}", program.title);
        let seconds = program.build(false)?;
        figures.entry(program).debug_seconds.push(seconds);
        results::save("footprint", effort, figures)?;
    }
    for program in &PROGRAMS {
        eprintln!("footprint: release build of {}", program.title);
        let (seconds, bytes) = (program.build(true)?, program.size()?);
        let entry = figures.entry(program);
        entry.release_seconds.push(seconds);
        entry.stripped_bytes = Some(bytes);
        results::save("footprint", effort, figures)?;
    }
    Ok(())
}

impl Program {
    fn folder(&self) -> Result<PathBuf> {
        Ok(results::folder()?.join("footprint").join(self.id))
    }

    /// Cargo for this program, with its own target folder.
    fn cargo(&self, command: &str) -> Result<Command> {
        let folder = self.folder()?;
        let mut cargo = cargo();
        cargo.arg(command).arg("--manifest-path").arg(folder.join("Cargo.toml"));
        cargo.env("CARGO_TARGET_DIR", folder.join("target")).stderr(Stdio::piped());
        Ok(cargo)
    }

    /// Writes the program and counts its dependencies.
    fn crates(&self) -> Result<Footprint> {
        let folder = self.folder()?;
        self.write(&folder, &repository().join("crates"))?;
        // The same versions as in the other benches; Cargo adds what is missing.
        std::fs::copy(benches().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        output(&mut self.cargo("fetch")?)?;
        let mut tree = self.cargo("tree")?;
        tree.args(["--edges", "no-dev", "--prefix", "none", "--format", "{p}"]);
        let tree = output(&mut tree)?;
        // name v1.2.3 (proc-macro) (/path) (*)
        let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let own = format!("{} v0.0.0", self.id);
        let mut third_party: BTreeSet<String> =
            tree.lines().map(name).filter(|name| *name != own).collect();
        let all = third_party.len();
        third_party.retain(|name| !name.starts_with("pinning-keys"));
        Ok(Footprint {
            id: self.id.to_owned(),
            title: self.title.to_owned(),
            ours: all - third_party.len(),
            third_party,
            ..Footprint::default()
        })
    }

    /// Builds the program from scratch. Returns how long that took, in seconds.
    fn build(&self, release: bool) -> Result<f64> {
        let target = self.folder()?.join("target");
        if target.exists() {
            std::fs::remove_dir_all(&target)?;
        }
        let mut build = self.cargo("build")?;
        build.arg("--offline").args(release.then_some("--release"));
        let began = Instant::now();
        output(&mut build)?;
        Ok(began.elapsed().as_secs_f64())
    }

    fn size(&self) -> Result<u64> {
        Ok(std::fs::metadata(self.folder()?.join("target/release").join(self.id))?.len())
    }
}

/// Whether the library works without the system's CA certificates, and with custom ones.
fn certificates() -> Result<bool> {
    eprintln!("footprint: the tests of the CA certificates");
    let mut cargo = cargo();
    cargo.current_dir(repository());
    cargo.args(["test", "--quiet", "--package", "pinning-keys-http", "--test", "it", "--"]);
    cargo.arg("surroundings::");
    let output = cargo.output()?;
    let report = String::from_utf8_lossy(&output.stdout);
    ensure!(!output.status.success() || !report.contains(" 0 passed"), "no such test ran");
    Ok(output.status.success())
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{errors}");
    String::from_utf8(output.stdout).context("its output is not UTF-8")
}

fn benches() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn repository() -> &'static Path {
    benches().parent().unwrap_or(benches())
}

pub(crate) fn table(figures: &Figures) -> Table {
    let mut table = Table::new(&[
        "program",
        "third-party crates",
        "our crates",
        "debug s",
        "release s",
        "stripped MB",
    ]);
    for program in &figures.programs {
        let seconds = |seconds: &[f64]| {
            median(seconds.iter().copied()).map_or_else(String::new, |s| format!("{s:.0}"))
        };
        table.row([
            program.title.clone(),
            program.third_party.len().to_string(),
            program.ours.to_string(),
            seconds(&program.debug_seconds),
            seconds(&program.release_seconds),
            program
                .stripped_bytes
                .map_or_else(String::new, |bytes| format!("{:.1}", bytes as f64 / 1e6)),
        ]);
    }
    table
}
