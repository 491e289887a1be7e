//! A store that breaks one law is caught by the cases that check it, and by no others.
//!
//! Each [`Fault`] is a mutant of the store in memory; [`CAUGHT`] lists the cases that it fails. Every
//! case is in the list but one: a store in one process has no locks whose wait could be bounded, so
//! `a_lock_is_waited_for_a_bounded_time` runs on the real databases only.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use pinning_keys_lifecycle::conformance::{
    BoxError, CASES, Case, Harness, Outcome, Report, async_trait, run_all,
};
use pinning_keys_lifecycle::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyFilter, KeyPosition, KeyRow, Prune, Scope, Select,
    Snapshot, StatusQuery, Store, StoreError, StoreErrorKind, Tx, Verdict,
};
use pinning_keys_lifecycle::{Clock, KeyId, ManualClock, MemoryStore, Timestamp};

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    /// Handles after the first see no audit trail.
    SecondHandleIsBlind,
    ForgetsUses,
    ForgetsWhyAccountIsClosed,
    ForgetsEffect,
    ForgetsWhyRolledBack,
    CommitsAborts,
    /// A refused transaction leaves its lines in the audit trail.
    KeepsAuditOfRefused,
    /// Rows that a decision leaves out are changed.
    TouchesLeftOut,
    /// Reads, lets others go first, and writes over what they have written.
    StaleKeys,
    StaleAccount,
    StaleDue,
    TimeStandsStill,
    /// Time is what the clock of the node says.
    TimeOfNode,
    AcceptsTakenHolder,
    AcceptsTakenSuccessor,
    AcceptsKnownId,
    AcceptsKnownAccount,
    AcceptsSecondName,
    /// Checks what is unique at each row that it writes, in the order of the ids.
    ChecksEachRow,
    /// Writes each new row in a separate transaction.
    CommitsEachRow,
    /// The next page begins at the next time of creation.
    SkipsTies,
    /// The next page begins after as many rows as were read, not after the position.
    PagesByNumber,
    NoLimitOfPages,
    ShowsSecret,
    RaisesVersionTwice,
    IdsInReverse,
    FamilyWithoutSiblings,
    HolderInLowerCase,
    IgnoresByHand,
    NoLimitOfDue,
    CountsOneMore,
    FiltersInLowerCase,
    FindsInOrderOfAsking,
    NumbersLinesAnew,
    SinceIsExclusive,
    PrunesNewLines,
    /// Removes a forgotten row although no listing since shows that its key is gone.
    PrunesUnlisted,
    PrunesTwiceTheLimit,
    MiscountsOverdue,
    /// The agenda knows only what is due now.
    SeesOnlyWhatIsDue,
    SortsAccountsInLowerCase,
}

const CAUGHT: &[(Fault, &[&str])] = &[
    (Fault::Nothing, &[]),
    (
        Fault::SecondHandleIsBlind,
        &[
            "commits_are_seen_through_another_handle",
            "every_column_of_an_audit_line_comes_back",
            "audit_numbers_grow_and_are_never_given_twice",
        ],
    ),
    (Fault::ForgetsUses, &["every_column_of_a_key_comes_back"]),
    (Fault::ForgetsWhyAccountIsClosed, &["every_column_of_an_account_comes_back"]),
    (Fault::ForgetsEffect, &["every_column_of_an_audit_line_comes_back"]),
    (Fault::ForgetsWhyRolledBack, &["every_column_of_the_store_comes_back"]),
    (Fault::CommitsAborts, &["an_aborted_decision_writes_nothing"]),
    (Fault::KeepsAuditOfRefused, &["a_refused_transaction_writes_nothing"]),
    (Fault::TouchesLeftOut, &["rows_left_out_of_a_decision_stay"]),
    (Fault::StaleKeys, &["decisions_about_a_key_follow_each_other"]),
    (
        Fault::StaleAccount,
        &["decisions_about_an_account_follow_each_other", "an_account_is_made_once"],
    ),
    (Fault::StaleDue, &["each_due_row_is_claimed_once"]),
    (
        Fault::TimeStandsStill,
        &[
            "time_follows_the_clock",
            "time_stays_when_the_clock_is_set_back",
            "a_decision_can_only_raise_the_time",
        ],
    ),
    (
        Fault::TimeOfNode,
        &["time_stays_when_the_clock_is_set_back", "a_decision_can_only_raise_the_time"],
    ),
    (
        Fault::AcceptsTakenHolder,
        &["a_refused_transaction_writes_nothing", "a_holder_has_one_open_row"],
    ),
    (Fault::AcceptsTakenSuccessor, &["a_key_has_one_open_successor"]),
    (Fault::AcceptsKnownId, &["a_known_id_is_a_conflict"]),
    (Fault::AcceptsKnownAccount, &["an_account_is_made_once"]),
    (Fault::AcceptsSecondName, &["an_account_has_one_name"]),
    (Fault::ChecksEachRow, &["a_holder_passes_from_one_row_to_another"]),
    (Fault::CommitsEachRow, &["dropped_futures_leave_the_store_usable"]),
    (
        Fault::SkipsTies,
        &[
            "pages_hold_each_key_once_in_order",
            "pages_stay_whole_while_rows_are_added",
            "filters_select_exactly",
        ],
    ),
    (Fault::PagesByNumber, &["pages_stay_whole_while_rows_are_added", "filters_select_exactly"]),
    (Fault::NoLimitOfPages, &["pages_hold_each_key_once_in_order", "filters_select_exactly"]),
    (Fault::ShowsSecret, &["errors_show_no_secret"]),
    (
        Fault::RaisesVersionTwice,
        &[
            "every_column_of_a_key_comes_back",
            "decisions_about_a_key_follow_each_other",
            "a_change_raises_the_version_by_one",
        ],
    ),
    (
        Fault::IdsInReverse,
        &["ids_select_the_rows_that_exist", "a_change_raises_the_version_by_one"],
    ),
    (Fault::FamilyWithoutSiblings, &["a_family_is_exactly_the_related_keys"]),
    (Fault::HolderInLowerCase, &["a_holder_selects_its_open_row"]),
    (Fault::IgnoresByHand, &["due_rows_come_in_the_order_of_urgency"]),
    (Fault::NoLimitOfDue, &["due_rows_come_in_the_order_of_urgency"]),
    (Fault::CountsOneMore, &["counts_are_those_of_the_account"]),
    (Fault::FiltersInLowerCase, &["filters_select_exactly"]),
    (Fault::FindsInOrderOfAsking, &["found_rows_are_ordered_and_not_repeated"]),
    (
        Fault::NumbersLinesAnew,
        &[
            "audit_numbers_grow_and_are_never_given_twice",
            "audit_filters_and_pages_select_exactly",
            "prune_removes_only_what_its_rule_names",
        ],
    ),
    (Fault::SinceIsExclusive, &["audit_filters_and_pages_select_exactly"]),
    (Fault::PrunesNewLines, &["prune_removes_only_what_its_rule_names"]),
    (
        Fault::PrunesUnlisted,
        &["prune_removes_only_what_its_rule_names", "prune_removes_at_most_the_limit"],
    ),
    (Fault::PrunesTwiceTheLimit, &["prune_removes_at_most_the_limit"]),
    (Fault::MiscountsOverdue, &["status_equals_a_recount", "the_agenda_shows_when_work_begins"]),
    (Fault::SeesOnlyWhatIsDue, &["the_agenda_shows_when_work_begins"]),
    (Fault::SortsAccountsInLowerCase, &["accounts_are_ordered_by_the_bytes_of_their_names"]),
];

const SECRET: &str = "canary-8161";

struct Mutants {
    clock: ManualClock,
    store: MemoryStore,
    fault: Fault,
    opened: AtomicUsize,
    /// How many transactions have ended.
    ended: Arc<AtomicUsize>,
}

#[async_trait]
impl Harness for Mutants {
    fn clock(&self) -> &ManualClock {
        &self.clock
    }

    async fn open(&self) -> Result<Box<dyn Store>, BoxError> {
        let store = self.store.clone();
        let is_first = self.opened.fetch_add(1, Ordering::Relaxed) == 0;
        let (opened, ended) = (self.clock.now().into(), Arc::clone(&self.ended));
        Ok(Box::new(Mutant {
            store,
            fault: self.fault,
            is_first,
            opened,
            ended,
            read: Mutex::default(),
        }))
    }

    async fn failures(&self) -> Option<(String, Vec<StoreError>)> {
        let error = StoreError::new(StoreErrorKind::Unavailable, "the database is away");
        let error = match self.fault {
            Fault::ShowsSecret => error.with_source(format!("db://user:{SECRET}@host")),
            _ => error,
        };
        Some((SECRET.to_owned(), vec![error]))
    }
}

struct Mutant {
    store: MemoryStore,
    fault: Fault,
    is_first: bool,
    opened: Timestamp,
    ended: Arc<AtomicUsize>,
    /// How many rows of a list were read.
    read: Mutex<usize>,
}

/// What a transaction would read.
async fn read(store: &MemoryStore, scope: Scope) -> Result<Tx, StoreError> {
    let seen = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&seen);
    let decide = move |tx: &mut Tx| {
        *kept.lock().unwrap() = Some(tx.clone());
        Verdict::Abort
    };
    store.transact(scope, Arc::new(decide)).await?;
    let tx = seen.lock().unwrap().take();
    Ok(tx.unwrap())
}

impl Mutant {
    /// The decision as the mutant sees and keeps it.
    fn wrapped(&self, decide: Decide, scope: &Scope, stale: Option<Tx>) -> Decide {
        let (fault, clock, opened) = (self.fault, self.store.clone(), self.opened);
        let keys = scope.keys.clone();
        Arc::new(move |tx| {
            before(fault, tx, &keys, stale.as_ref());
            match fault {
                Fault::TimeOfNode => tx.now = clock.clock().now().into(),
                Fault::TimeStandsStill => tx.now = opened,
                _ => {}
            }
            let read = tx.rows.clone();
            let verdict = decide(tx);
            after(fault, tx, &read);
            if fault == Fault::CommitsAborts { Verdict::Commit } else { verdict }
        })
    }

    /// Whether the fault is that of a stale read, and this is the scope that it concerns.
    fn is_stale(&self, scope: &Scope) -> bool {
        match &scope.keys {
            Select::Ids(_) => self.fault == Fault::StaleKeys,
            Select::Due { .. } => self.fault == Fault::StaleDue,
            _ => scope.account.is_some() && self.fault == Fault::StaleAccount,
        }
    }

    /// Waits until another transaction has ended, unless there is none.
    async fn let_others_go_first(&self) {
        let ended = self.ended.load(Ordering::Relaxed);
        for _ in 0..500 {
            if self.ended.load(Ordering::Relaxed) != ended {
                return;
            }
            std::thread::yield_now();
            tokio::task::yield_now().await;
        }
    }

    /// Whether the mutant treats a refusal as a success.
    async fn accepts(&self, error: &StoreError, scope: Scope, decide: &Decide) -> bool {
        let Ok(mut decided) = read(&self.store, scope).await else { return false };
        decide(&mut decided);
        let text = error.to_string();
        match self.fault {
            Fault::AcceptsKnownId => text.contains("same id"),
            Fault::AcceptsKnownAccount => text.contains("same account"),
            Fault::AcceptsSecondName => text.contains("another name"),
            Fault::AcceptsTakenHolder => decided.rows.iter().any(|row| row.open_holder.is_some()),
            Fault::AcceptsTakenSuccessor => {
                decided.rows.iter().any(|row| row.open_successor.is_some())
            }
            _ => false,
        }
    }
}

fn before(fault: Fault, tx: &mut Tx, keys: &Select, stale: Option<&Tx>) {
    if let Some(stale) = stale {
        (tx.rows, tx.account) = (stale.rows.clone(), stale.account.clone());
        tx.counts = stale.counts;
    }
    match (fault, keys) {
        (Fault::IdsInReverse, Select::Ids(_)) => tx.rows.reverse(),
        (Fault::IgnoresByHand, Select::Due { .. }) => tx.rows.sort_by_key(|row| row.due_at),
        (Fault::FamilyWithoutSiblings, Select::Family(id)) => {
            let replaced = tx.row(id).and_then(|row| row.replaces.clone());
            let is_kept = |row: &KeyRow| {
                row.id == *id
                    || Some(&row.id) == replaced.as_ref()
                    || row.replaces.as_ref() == Some(id)
            };
            tx.rows.retain(is_kept);
        }
        (Fault::CountsOneMore, _) if tx.account.is_none() => tx.counts.open += 1,
        _ => {}
    }
}

fn after(fault: Fault, tx: &mut Tx, read: &[KeyRow]) {
    match fault {
        Fault::ForgetsUses => tx.rows.iter_mut().for_each(|row| row.uses = None),
        Fault::ForgetsWhyAccountIsClosed => {
            tx.account.iter_mut().for_each(|account| account.closed_because = None);
        }
        Fault::ForgetsEffect => tx.audit.iter_mut().for_each(|line| line.effect = None),
        Fault::ForgetsWhyRolledBack => tx.store.rolled_back_because = None,
        Fault::TouchesLeftOut => {
            for row in read {
                if tx.row(&row.id).is_none() {
                    tx.rows.push(KeyRow { watched: row.watched + 1, ..row.clone() });
                }
            }
        }
        _ => {}
    }
}

#[async_trait]
impl Store for Mutant {
    fn clock(&self) -> &dyn Clock {
        self.store.clock()
    }

    async fn transact(&self, mut scope: Scope, decide: Decide) -> Result<(), StoreError> {
        match (&mut scope.keys, self.fault) {
            (Select::Holder(holder), Fault::HolderInLowerCase) => *holder = holder.to_lowercase(),
            (Select::Due { limit, .. }, Fault::NoLimitOfDue) => *limit = usize::MAX,
            _ => {}
        }
        let stale = if self.is_stale(&scope) {
            let stale = read(&self.store, scope.clone()).await?;
            self.let_others_go_first().await;
            if self.fault == Fault::StaleDue {
                scope.keys = Select::Ids(stale.rows.iter().map(|row| row.id.clone()).collect());
            }
            Some(stale)
        } else {
            None
        };
        let decide = self.wrapped(decide, &scope, stale);
        let ended = match self.fault {
            Fault::CommitsEachRow => self.commit_each_row(scope, decide).await,
            Fault::ChecksEachRow => self.check_each_row(scope, decide).await,
            Fault::KeepsAuditOfRefused => self.keep_audit(scope, decide).await,
            Fault::RaisesVersionTwice => self.raise_twice(scope, decide).await,
            _ => match self.store.transact(scope.clone(), Arc::clone(&decide)).await {
                Err(error) if self.accepts(&error, scope, &decide).await => Ok(()),
                ended => ended,
            },
        };
        self.ended.fetch_add(1, Ordering::Relaxed);
        ended
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        if self.fault != Fault::FindsInOrderOfAsking {
            return self.store.find(ids).await;
        }
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.store.find(std::slice::from_ref(id)).await?);
        }
        Ok(found)
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let mut filter = filter.clone();
        match self.fault {
            Fault::FiltersInLowerCase => filter.holder = filter.holder.map(|it| it.to_lowercase()),
            Fault::NoLimitOfPages => return self.store.keys(&filter, after, usize::MAX).await,
            Fault::PagesByNumber if filter == KeyFilter::default() => {
                let rows = self.store.keys(&filter, None, usize::MAX).await?;
                let mut read = self.read.lock().unwrap();
                *read = if after.is_some() { *read + limit } else { 0 };
                return Ok(rows.into_iter().skip(*read).take(limit).collect());
            }
            _ => {}
        }
        let mut rows = self.store.keys(&filter, after, limit).await?;
        if let (Fault::SkipsTies, Some(after)) = (self.fault, after) {
            rows.retain(|row| row.created_at != after.created_at);
        }
        Ok(rows)
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        let mut snapshot = self.store.status(query).await?;
        match self.fault {
            Fault::TimeOfNode => snapshot.now = self.clock().now().into(),
            Fault::MiscountsOverdue => {
                snapshot.accounts.iter_mut().for_each(|(_, counts)| counts.overdue += 1);
            }
            Fault::SortsAccountsInLowerCase => {
                snapshot.accounts.sort_by_key(|(account, _)| account.name.to_lowercase());
            }
            _ => {}
        }
        Ok(snapshot)
    }

    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        let mut agendas = self.store.agenda(query).await?;
        if self.fault == Fault::SeesOnlyWhatIsDue {
            let now = agendas.now;
            for agenda in &mut agendas.accounts {
                agenda.due_at = agenda.due_at.filter(|due| *due <= now);
            }
        }
        Ok(agendas)
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut lines = self.store.audit(filter, after, limit).await?;
        match self.fault {
            Fault::SecondHandleIsBlind if !self.is_first => lines.clear(),
            Fault::SinceIsExclusive => lines.retain(|line| Some(line.at) != filter.since),
            Fault::NumbersLinesAnew if after == 0 => {
                (1..).zip(&mut lines).for_each(|(number, line)| line.number = number);
            }
            _ => {}
        }
        Ok(lines)
    }

    async fn prune(&self, mut what: Prune) -> Result<u64, StoreError> {
        let moment = Duration::from_micros(1);
        match self.fault {
            Fault::PrunesNewLines => what.audit_before = what.audit_before.saturating_add(moment),
            Fault::PrunesTwiceTheLimit => what.limit *= 2,
            Fault::PrunesUnlisted => self.list_all().await?,
            _ => {}
        }
        self.store.prune(what).await
    }
}

impl Mutant {
    async fn commit_each_row(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        let mut decided = read(&self.store, scope.clone()).await?;
        let known = decided.rows.len();
        if decide(&mut decided) == Verdict::Abort {
            return Ok(());
        }
        // A row with what is unique needs the whole transaction.
        let is_unique = |row: &KeyRow| row.open_holder.is_some() || row.open_successor.is_some();
        if decided.rows.len() != known + 2 || decided.rows.iter().any(is_unique) {
            return self.store.transact(scope, decide).await;
        }
        let [first, second] = [known, known + 1].map(|at| decided.rows[at].clone());
        if first.id == second.id {
            return self.store.transact(scope, decide).await;
        }
        for row in [first, second] {
            let decide = move |tx: &mut Tx| {
                tx.rows.push(row.clone());
                Verdict::Commit
            };
            self.store.transact(Scope::default(), Arc::new(decide)).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn check_each_row(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        let old = read(&self.store, scope.clone()).await?;
        let mut new = old.clone();
        decide(&mut new);
        let holds = |row: &KeyRow, rows: &[KeyRow]| {
            rows.iter().any(|other| other.open_holder == row.open_holder)
        };
        let is_early = |(at, row): (usize, &KeyRow)| {
            row.open_holder.is_some() && holds(row, old.rows.get(at + 1..).unwrap_or_default())
        };
        if new.rows.iter().enumerate().any(is_early) {
            return Err(StoreError::new(StoreErrorKind::Conflict, "two rows have the same holder"));
        }
        self.store.transact(scope, decide).await
    }

    /// Pretends that a complete listing has just begun.
    async fn list_all(&self) -> Result<(), StoreError> {
        let scope = Scope { account: Some("main".to_owned()), ..Scope::default() };
        let decide = |tx: &mut Tx| {
            let now = tx.now;
            tx.account.iter_mut().for_each(|account| account.full_pass_began = Some(now));
            Verdict::Commit
        };
        self.store.transact(scope, Arc::new(decide)).await
    }

    async fn keep_audit(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        let ended = self.store.transact(scope.clone(), Arc::clone(&decide)).await;
        if ended.is_err() {
            let mut decided = read(&self.store, scope).await?;
            decide(&mut decided);
            let decide = move |tx: &mut Tx| {
                tx.audit.clone_from(&decided.audit);
                Verdict::Commit
            };
            self.store.transact(Scope::default(), Arc::new(decide)).await?;
        }
        ended
    }

    async fn raise_twice(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        let before = read(&self.store, scope.clone()).await?.rows;
        self.store.transact(scope.clone(), decide).await?;
        if read(&self.store, scope.clone()).await?.rows == before {
            return Ok(());
        }
        let touch = |tx: &mut Tx| {
            tx.rows.iter_mut().for_each(|row| row.by_hand = !row.by_hand);
            Verdict::Commit
        };
        for _ in 0..2 {
            self.store.transact(scope.clone(), Arc::new(touch)).await?;
        }
        Ok(())
    }
}

async fn run(fault: Fault) -> Report {
    run_all(|| async move {
        let clock = ManualClock::at(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
        let store = MemoryStore::new(clock.clone()).unwrap();
        Mutants { clock, store, fault, opened: AtomicUsize::new(0), ended: Arc::default() }
    })
    .await
}

fn failed(report: &Report) -> BTreeSet<&'static str> {
    let cases = report.cases().iter();
    let failed = cases.filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
    failed.map(|(case, _)| case.name()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_mutant_is_caught_by_the_cases_that_name_it() {
    let mut wrong = Vec::new();
    for (fault, expected) in CAUGHT {
        let report = run(*fault).await;
        assert_eq!(report.is_ok(), *fault == Fault::Nothing, "{fault:?}: {report}");
        let failed = failed(&report);
        if failed != expected.iter().copied().collect() {
            wrong.push(format!("{fault:?}: {failed:?}"));
        }
    }
    assert!(wrong.is_empty(), "caught otherwise than listed:\n{}", wrong.join("\n"));
}

#[test]
fn every_case_catches_a_mutant() {
    let caught: BTreeSet<&str> = CAUGHT.iter().flat_map(|(_, cases)| *cases).copied().collect();
    let idle = CASES.iter().map(Case::name).filter(|name| !caught.contains(name));
    assert_eq!(idle.collect::<Vec<_>>(), ["a_lock_is_waited_for_a_bounded_time"]);
}
