//! Which keys need attention.

use std::collections::HashMap;

use pinning_keys_lifecycle::{KeyFilter, ManagedKey};

use crate::failure::Failure;
use crate::managed::Managed;
use crate::managed::rows::base_name;
use crate::output::escape::escaped;

use super::kind::Kind;

/// How many keys are named for each concern.
const FEW: usize = 3;

/// How many rows are read at a time.
const PAGE: usize = 500;

/// The names of some keys of each concern.
pub(super) struct Names(HashMap<(String, Kind), Vec<String>>);

impl Names {
    /// Reads the names of some keys of each account and kind; each comes with its count.
    pub(super) async fn read(
        managed: &Managed,
        wanted: &[(&str, Kind, u64)],
    ) -> Result<Self, Failure> {
        let mut names = Self(HashMap::new());
        let mut missing: Vec<_> = wanted
            .iter()
            .filter(|(_, kind, _)| *kind != Kind::Held)
            .map(|(account, kind, count)| (*account, *kind, few(*count)))
            .collect();
        let mut after = None;
        while !missing.is_empty() {
            let page = managed.manager().list(&KeyFilter::default(), after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.position());
            for key in &page {
                for (account, kind, left) in &mut missing {
                    if *left > 0 && key.account() == *account && kind.is_of(key) {
                        names.add(account, *kind, key);
                        *left -= 1;
                    }
                }
            }
            missing.retain(|(_, _, left)| *left > 0);
        }
        Ok(names)
    }

    /// Such as `ci-deploy, website, …`; empty if none is known.
    pub(super) fn shown(&self, account: &str, kind: Kind, count: u64) -> String {
        let names: Vec<String> = self.of(account, kind).iter().map(|name| escaped(name)).collect();
        let more = if names.is_empty() || names.len() as u64 == count { "" } else { ", …" };
        format!("{}{more}", names.join(", "))
    }

    /// The first of the names. The keys may have changed since they were counted.
    pub(super) fn first(&self, account: &str, kind: Kind) -> &str {
        self.of(account, kind).first().map_or("NAME", String::as_str)
    }

    fn of(&self, account: &str, kind: Kind) -> &[String] {
        self.0.get(&(account.to_owned(), kind)).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, account: &str, kind: Kind, key: &ManagedKey) {
        let names = self.0.entry((account.to_owned(), kind)).or_default();
        names.push(base_name(key).to_owned());
    }
}

fn few(count: u64) -> usize {
    usize::try_from(count).unwrap_or(FEW).min(FEW)
}
