//! Keys of another account than the selected one, and the commands that are printed for them.

use pinning_keys_emulator::Emulator;

use crate::accounts::{issue, stored};
use crate::support::Stand;

/// Two accounts at Pinata: a profile `production`, which is chosen, and a profile `staging`. The
/// second stand has the account of `staging`.
fn two() -> (Stand, Stand) {
    let stand = Stand::without_account();
    let other = Stand::start(Emulator::builder().seed(2), |_| Vec::new());
    let mut file = "profile = \"production\"\n".to_owned();
    for (profile, of) in [("production", &stand), ("staging", &other)] {
        let pinata = of.emulator().pinata();
        let section = format!(
            "\n[profiles.{profile}]\nprovider = \"pinata\"\nbase_url = {:?}\n\
             jwt = {{ file = \"{profile}\" }}\nrequests_per_minute = 60000000\n",
            pinata.base_url()
        );
        file.push_str(&section);
        stand.write_private(&format!(".config/pinning-keys/{profile}"), pinata.jwt());
    }
    stand.write_private(".config/pinning-keys/config.toml", &file);
    (stand, other)
}

/// What is printed to type next, from `pinning-keys` on.
fn printed<'a>(stderr: &'a str, verb: &str) -> &'a str {
    let is_it = |line: &&str| line.contains("pinning-keys ") && line.contains(verb);
    let line = stderr.lines().find(is_it).unwrap_or_else(|| panic!("no {verb} in: {stderr}"));
    line.split_once("pinning-keys ").expect("a command").1
}

#[test]
fn two_profiles_of_one_account_are_named() {
    let (stand, _) = two();
    let file = stand.read(".config/pinning-keys/config.toml");
    let production = file.split("[profiles.").nth(1).expect("a profile");
    let copy = format!("{file}\n[profiles.{}", production.replacen("production]", "copy]", 1));
    stand.write_private(".config/pinning-keys/config.toml", &copy);
    issue(&stand, "ci", "");
    std::fs::create_dir(stand.home().join("keys")).expect("a folder");
    let run = stand.run("migrate ci --into copy --to file:keys --yes").exits(78);
    assert_eq!(run.stderr, "error: the profiles production and copy are the same account\n");
}

#[test]
fn revoking_during_the_overlap_of_a_migration_names_the_other_key() {
    let (stand, other) = two();
    issue(&stand, "ci", "");
    std::fs::create_dir(stand.home().join("keys")).expect("a folder");
    stand.run("migrate ci --into staging --to file:keys --overlap 1h --yes").exits(0);
    let run = stand.run("revoke ci --yes").exits(0);
    assert_eq!(printed(&run.stderr, "revoke"), "--profile staging revoke ci");
    assert_eq!((stand.emulator().keys_live(), other.emulator().keys_live()), (0, 1));
    let run = stand.run("--profile staging revoke ci --yes").exits(0);
    assert!(!run.stderr.contains("another account"), "{}", run.stderr);
    assert_eq!(other.emulator().keys_live(), 0);
}

#[test]
fn key_of_another_account_is_revoked_by_the_printed_command() {
    let (stand, other) = two();
    for name in ["ci", "-ci", "forgotten"] {
        stand.run(&format!(
            "--profile staging issue --preset reader --to file:{name}.json -- {name}"
        ));
    }
    issue(&stand, "c", "");
    assert_eq!(other.emulator().keys_live(), 3);
    let reference = stored(&stand, "ci.json", "key_ref");
    for key in ["ci", "-ci", &reference] {
        let run = stand.run(&format!("revoke --yes -- {key}")).exits(1);
        assert!(!run.stderr.contains("did you mean"), "{}", run.stderr);
        assert!(printed(&run.stderr, "revoke").starts_with("--profile staging"), "{}", run.stderr);
        if key != reference {
            continue;
        }
        let next = printed(&run.stderr, "revoke").replacen("revoke", "revoke --yes", 1);
        stand.run(&next).exits(0);
    }
    let forgotten = stand.run("--profile production forget forgotten --yes").exits(0);
    let next = printed(&forgotten.stderr, "revoke").replacen("revoke", "revoke --yes", 1);
    stand.run(&next).exits(0);
    assert_eq!((other.emulator().keys_live(), stand.emulator().keys_live()), (1, 1));
}
