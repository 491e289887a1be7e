//! Where PostgreSQL is installed.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

/// Folders with one folder per version in them, and where the programs are in each.
const USUAL: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/usr/local", "pgsql", "bin"),
];

/// The folder with the programs of one version.
#[derive(Clone, Debug)]
pub(super) struct Programs(PathBuf);

impl Programs {
    /// Searches `PATH`, then asks `pg_config`, then searches the usual folders, newest first.
    pub(super) fn find() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let on_path = env::split_paths(&path).collect::<Vec<_>>();
        on_path.into_iter().chain(configured()).chain(usual()).find_map(Self::in_folder)
    }

    /// The programs in a folder, through a link if `initdb` is one, if they are complete.
    fn in_folder(folder: impl AsRef<Path>) -> Option<Self> {
        let initdb = fs::canonicalize(folder.as_ref().join("initdb")).ok()?;
        let folder = initdb.parent()?;
        let complete =
            ["postgres", "psql", "pg_basebackup"].iter().all(|name| folder.join(name).is_file());
        complete.then(|| Self(folder.to_owned()))
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.0.join(program)
    }
}

/// The folder that `pg_config` prints, if there is such a program.
fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end()))
}

fn usual() -> impl Iterator<Item = PathBuf> {
    USUAL.iter().flat_map(|(parent, prefix, programs)| {
        let mut versions = fs::read_dir(parent)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                let version = name.strip_prefix(prefix)?.trim_start_matches('@').to_owned();
                Some((version_number(&version), entry.path().join(programs)))
            })
            .collect::<Vec<_>>();
        versions.sort();
        versions.into_iter().rev().map(|(_, folder)| folder)
    })
}

/// The parts of a version such as `15` or `9.6`; anything that is not a number counts as the
/// oldest.
fn version_number(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

/// Says that PostgreSQL is not installed: once per process, and visibly.
///
/// # Panics
///
/// With `REQUIRE_POSTGRES=1`.
pub(super) fn report_none<T>() -> Option<T> {
    static ONCE: Once = Once::new();
    const WHY: &str = "no initdb on PATH, in the folder of pg_config, or in the usual folders";
    let required = env::var_os("REQUIRE_POSTGRES").is_some_and(|value| value == "1");
    assert!(!required, "REQUIRE_POSTGRES=1 is set, but PostgreSQL is not installed: {WHY}");
    ONCE.call_once(|| {
        // The test harness captures what `eprintln!` writes.
        let line = format!(
            "SKIPPED: the tests on PostgreSQL, which is not installed ({WHY}); install its server, \
             for example with `apt-get install postgresql` or `brew install postgresql`\n"
        );
        let _ = std::io::stderr().write_all(line.as_bytes());
    });
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const CHILD: &str = "PINNING_KEYS_TEST_WITHOUT_POSTGRES";

    #[test]
    fn newer_versions_come_first() {
        assert!(version_number("16") > version_number("9.6"));
        assert!(version_number("17") > version_number("16"));
        assert!(version_number("9.6") > version_number("latest"));
    }

    #[test]
    fn a_link_leads_to_the_folder_of_all_programs() {
        let temporary = tempfile::tempdir().unwrap();
        let (real, linked) = (temporary.path().join("real"), temporary.path().join("linked"));
        fs::create_dir(&real).unwrap();
        fs::create_dir(&linked).unwrap();
        symlink(real.join("initdb"), linked.join("initdb")).unwrap();
        assert!(Programs::in_folder(&linked).is_none(), "the link is broken");
        for name in ["initdb", "postgres", "psql"] {
            fs::write(real.join(name), "").unwrap();
        }
        assert!(Programs::in_folder(&linked).is_none(), "pg_basebackup is missing");
        fs::write(real.join("pg_basebackup"), "").unwrap();
        let found = Programs::in_folder(&linked).unwrap();
        assert_eq!(found.path("psql"), fs::canonicalize(real).unwrap().join("psql"));
    }

    /// The child is this test in another process, whose stderr is then known as a whole.
    #[test]
    fn without_postgres_one_line_is_visible_unless_it_is_required() {
        if env::var_os(CHILD).is_some() {
            assert!(report_none::<()>().is_none());
            assert!(report_none::<()>().is_none());
            return;
        }
        let run = |required: &str| {
            let name = std::thread::current().name().unwrap().to_owned();
            Command::new(env::current_exe().unwrap())
                .args(["--exact", &name])
                .env(CHILD, "1")
                .env("REQUIRE_POSTGRES", required)
                .output()
                .unwrap()
        };
        let allowed = run("");
        let stderr = String::from_utf8(allowed.stderr).unwrap();
        assert!(allowed.status.success(), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("SKIPPED: the tests on PostgreSQL"), "{stderr}");

        let required = run("1");
        let stdout = String::from_utf8(required.stdout).unwrap();
        assert!(!required.status.success());
        assert!(stdout.contains("PostgreSQL is not installed: no initdb on PATH"), "{stdout}");
    }
}
