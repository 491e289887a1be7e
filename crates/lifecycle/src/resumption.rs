//! Reads the listings after a long time without a worker, before keys end.

use std::sync::Arc;

use futures_util::future::join_all;
use tracing::{info, warn};

use crate::Error;
use crate::effort::Effort;
use crate::gap::{is_too_old, is_unchecked, note_gap};
use crate::inner::{Account, Inner};
use crate::pass::{Step, step};
use crate::progress::Progress;
use crate::slots::Class;
use crate::store::{Agendas, Scope, Tx};

/// How many pages of a listing are read at once, so that what can end gets its turn.
const PAGES: usize = 100;

/// What the listings have shown.
#[derive(Default)]
pub(crate) struct LookedBack {
    /// How many keys were looked at.
    pub(crate) seen: usize,
    /// Failures, with the names of their accounts.
    pub(crate) errors: Vec<(String, Error)>,
}

/// Reads the listings of the manager's accounts that were not listed since a worker resumed, as far
/// as the effort allows. Returns nothing if that is not needed.
pub(crate) async fn look_back(
    inner: &Arc<Inner>,
    agendas: &Agendas,
    effort: &Effort,
) -> Option<LookedBack> {
    let (mut store, now) = (agendas.store.clone(), agendas.now);
    // As the transactions since have noted it.
    note_gap(&mut store, now);
    if !is_unchecked(&store, now) {
        return None;
    }
    let accounts = agendas.accounts.iter().map(|it| &it.account);
    let unlisted = accounts.filter(|row| is_too_old(row.full_pass_began, &store));
    let unlisted: Vec<&Arc<Account>> =
        unlisted.filter_map(|row| inner.accounts.get(&row.name)).collect();
    let read = unlisted.iter().map(|account| catch_up(inner, account, effort));
    let mut looked = LookedBack::default();
    for (account, read) in unlisted.iter().zip(join_all(read).await) {
        match read {
            Ok(progress) => looked.seen += progress.taken,
            Err(error) => {
                warn!(account = account.name, %error, "cannot look for what the store has forgotten");
                looked.errors.push((account.name.clone(), error));
            }
        }
    }
    Some(looked)
}

/// Reads the account's listing with all of its rate limit, as far as the effort allows.
async fn catch_up(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    effort: &Effort,
) -> Result<Progress, Error> {
    let mut progress = Progress::default();
    for _ in 0..PAGES {
        if effort.is_stopped() {
            break;
        }
        match step(inner, account, Class::Ends, effort).await? {
            Step::Read(page) => progress.add(page),
            Step::NotYet(Some(time)) if effort.wait(inner.store.clock(), time).await => {}
            Step::NotYet(_) | Step::Stopped => break,
        }
    }
    Ok(progress)
}

/// Lets keys end again if all accounts were listed, also those of other managers.
pub(crate) async fn conclude(inner: &Inner, agendas: &Agendas) -> Result<(), Error> {
    let resumed_at = agendas.store.resumed_at;
    let mut accounts = agendas.accounts.iter().map(|it| &it.account);
    if resumed_at.is_none() || accounts.any(|it| is_too_old(it.full_pass_began, &agendas.store)) {
        return Ok(());
    }
    let decide = move |tx: &mut Tx| {
        if tx.store.resumed_at == resumed_at {
            tx.store.resumed_at = None;
        }
        Ok(())
    };
    inner.transact(Scope::default(), decide).await?;
    info!("every account was listed completely, so keys may end");
    Ok(())
}
