//! What must be done to make the existing keys match the declared ones.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::SystemTime;

use pinning_keys::{Error, KeyRequest};
use pinning_keys_lifecycle::{KeyId, KeyState};
use pinning_keys_sinks::Incoming;

use super::compare::{Note, Verdict, Wanted, notes, verdict};
use super::existing::Existing;
use super::facts::{Listing, Row};
use super::file::{DeclaredKey, profiles};
use super::live::Rows;
use super::rights::Rights;
use super::words::in_words_of_the_file;
use crate::command_line::command;
use crate::destination::Destination;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::key_args;
use crate::managed::ManagedAccount;
use crate::session::Session;

/// What must be done, in the order of the file.
pub(crate) struct Plan<'a> {
    pub(crate) steps: Vec<Step<'a>>,
    /// The managed keys of the accounts that are not declared.
    pub(crate) undeclared: Vec<Undeclared<'a>>,
    /// Whether those are revoked.
    pub(crate) prunes: bool,
    /// The time by the store's clock.
    pub(crate) made_at: SystemTime,
}

/// What must be done about a declared key.
pub(crate) struct Step<'a> {
    pub(crate) declared: &'a DeclaredKey,
    pub(crate) account: &'a ManagedAccount,
    pub(crate) request: KeyRequest,
    /// `None` if the key cannot be compared.
    pub(crate) verdict: Option<Verdict>,
    /// Why nothing can be done about the key.
    pub(crate) problem: Option<Rc<Failure>>,
    pub(crate) notes: Vec<Note>,
    pub(crate) destination: Option<Destination>,
    /// What the holder could do beyond what the scope says.
    pub(crate) power: Option<String>,
}

/// A managed key that no file declares.
pub(crate) struct Undeclared<'a> {
    pub(crate) id: KeyId,
    pub(crate) holder: String,
    pub(crate) account: &'a ManagedAccount,
}

impl<'a> Plan<'a> {
    /// Compares the declared keys with the store and with the lists of their accounts. Nothing is
    /// changed.
    pub(crate) async fn make(
        declared: &'a [DeclaredKey],
        existing: &'a Existing,
        prunes: bool,
        session: &Session,
    ) -> Result<Self, Failure> {
        let rows = Rows::of_existing(existing);
        let profiles = profiles(declared);
        let is_declared = |account: &&ManagedAccount| {
            account.profile.as_deref().is_some_and(|it| profiles.contains(&it))
        };
        let accounts = existing.managed.accounts().iter().filter(is_declared);
        let accounts: Vec<&ManagedAccount> = accounts.collect();
        let names: HashSet<&str> = declared.iter().map(|key| key.name.as_str()).collect();
        let mut listings = HashMap::new();
        for account in &accounts {
            let listing = rows.listing(account, &names, &session.output).await;
            listings.insert(account.name.as_str(), listing.map_err(Rc::new));
        }
        let hidden = session.settings.secret_variables();
        let mut steps = Vec::with_capacity(declared.len());
        for key in declared {
            // Each profile of the file was opened.
            let Some(account) = existing.managed.of_profile(&key.profile) else { continue };
            let listing = &listings[account.name.as_str()];
            steps.push(Step::of(key, account, &rows, listing, &hidden).await?);
        }
        let undeclared = undeclared(&rows, &names, &accounts);
        Ok(Self { steps, undeclared, prunes, made_at: rows.now })
    }

    /// Whether anything is not as declared, or needs attention.
    pub(crate) fn has_drift(&self) -> bool {
        self.steps.iter().any(Step::has_drift) || self.prunes && !self.undeclared.is_empty()
    }

    /// How many changes are possible.
    pub(crate) fn changes(&self) -> usize {
        let pruned = if self.prunes { self.undeclared.len() } else { 0 };
        self.steps.iter().filter(|step| step.is_change()).count() + pruned
    }
}

impl<'a> Step<'a> {
    async fn of(
        declared: &'a DeclaredKey,
        account: &'a ManagedAccount,
        rows: &Rows,
        listing: &Result<Listing, Rc<Failure>>,
        hidden: &[String],
    ) -> Result<Self, Failure> {
        let mut step = Self {
            declared,
            account,
            request: declared.request()?,
            verdict: None,
            problem: None,
            notes: Vec::new(),
            destination: None,
            power: None,
        };
        if let Err(problem) = step.compare(rows, listing, hidden).await {
            step.problem = Some(problem);
        }
        Ok(step)
    }

    async fn compare(
        &mut self,
        rows: &Rows,
        listing: &Result<Listing, Rc<Failure>>,
        hidden: &[String],
    ) -> Result<(), Rc<Failure>> {
        let listing = listing.as_ref().map_err(Rc::clone)?;
        let name = self.declared.name.as_str();
        let (wanted, power) = self.wanted().map_err(Rc::new)?;
        let of_holder = rows.of(name);
        self.notes = notes(&wanted, &of_holder, listing);
        self.verdict = Some(verdict(&wanted, &of_holder, listing, rows.now));
        let is_stray = self.notes.iter().any(|note| matches!(note, Note::Stray { .. }));
        if is_stray && matches!(self.verdict, Some(Verdict::Issue { over: None, .. })) {
            return Err(Rc::new(undecided()));
        }
        if self.is_change() {
            self.power = power;
            let destination = self.check_destination(&of_holder, hidden).await;
            let in_words = |failure| Rc::new(in_words_of_the_file(failure).with_exit(Exit::Failed));
            self.destination = Some(destination.map_err(in_words)?);
        }
        Ok(())
    }

    /// What the account would grant.
    fn wanted(&self) -> Result<(Wanted, Option<String>), Failure> {
        let declared = self.declared;
        let issuer = self.account.account.issuer();
        let refused = |error: Error| in_words_of_the_file(error.into()).with_exit(Exit::Failed);
        let plan = issuer.plan(&self.request).map_err(refused)?;
        let granted = plan.translation().granted();
        let provider = issuer.profile().provider();
        let wanted = Wanted {
            name: declared.name.to_string(),
            account: self.account.name.clone(),
            rights: Rights::of_granted(granted, provider, declared.max_uses),
            lease: declared.lease,
            max_lease: declared.max_lease,
            rotate: declared.rotate,
        };
        Ok((wanted, key_args::power(granted.scope())))
    }

    /// The destination, after a check that the secret can be delivered there. It may replace the
    /// secrets of former keys of the holder in a file.
    async fn check_destination(
        &self,
        rows: &[&Row],
        hidden: &[String],
    ) -> Result<Destination, Failure> {
        let declared = self.declared;
        let former: Vec<_> = rows.iter().flat_map(|row| row.key_refs.clone()).collect();
        let destination = Destination::to(declared.to.clone(), hidden, &former)?;
        let incoming = Incoming::new(&declared.name, self.account.account.issuer().profile());
        destination.check(&incoming).await?;
        Ok(destination)
    }

    /// Whether the key is issued or rotated.
    fn is_change(&self) -> bool {
        let is_work = matches!(self.verdict, Some(Verdict::Issue { .. } | Verdict::Rotate { .. }));
        is_work && self.problem.is_none()
    }

    fn has_drift(&self) -> bool {
        !matches!(self.verdict, Some(Verdict::UpToDate { .. }))
            || self.notes.iter().any(Note::is_drift)
    }
}

/// The failure if the store lost the key. Its holder may be using it.
fn undecided() -> Failure {
    Failure::new(Exit::Failed, "the store lost a key with this name").with_kind("stray").with_next(
        format!("{}   shows it, so that you can keep or revoke it first", command("strays")),
    )
}

/// The live keys of the accounts whose holders no file declares. A stray is left to `strays`.
fn undeclared<'a>(
    rows: &Rows,
    names: &HashSet<&str>,
    accounts: &[&'a ManagedAccount],
) -> Vec<Undeclared<'a>> {
    let is_undeclared = |row: &&Row| {
        row.state == KeyState::Live && !row.is_adopted && !names.contains(row.holder.as_str())
    };
    let undeclared = rows.all.iter().filter(is_undeclared).filter_map(|row| {
        let account = accounts.iter().find(|account| account.name == row.account)?;
        Some(Undeclared { id: row.id.clone(), holder: row.holder.clone(), account })
    });
    undeclared.collect()
}
