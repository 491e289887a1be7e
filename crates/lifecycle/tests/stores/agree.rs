//! Each database reads, decides and writes exactly as the store in memory does: over generated
//! transactions, all see the same rows, refuse the same changes, and list and count the same.

use pinning_keys_lifecycle::store::{
    AccountRow, Agenda, AuditFilter, AuditRow, KeyFilter, KeyPosition, KeyRow, Prune, Scope,
    Select, Snapshot, StatusQuery, Store, StoreRow, Tx, Work,
};
use pinning_keys_lifecycle::{ManualClock, MemoryStore, Timestamp};

use super::numbers::Numbers;
use super::rows::{at, change, clock, id, live, look};

/// Transactions in one run.
const STEPS: usize = 80;
const KEYS: u64 = 12;

impl Numbers {
    fn id(&mut self) -> pinning_keys_lifecycle::KeyId {
        id(usize::try_from(self.below(KEYS)).unwrap())
    }

    fn account(&mut self) -> String {
        ["main", "other"][usize::from(self.chance())].to_owned()
    }

    fn time(&mut self) -> Timestamp {
        at(i64::try_from(self.below(400)).unwrap())
    }

    fn work(&mut self) -> Work {
        [Work::Ends, Work::Settle, Work::Watch][usize::try_from(self.below(3)).unwrap()]
    }

    fn scope(&mut self) -> Scope {
        let keys = match self.below(5) {
            0 => Select::Nothing,
            1 => Select::Ids(vec![self.id(), self.id(), self.id()]),
            2 => Select::Family(self.id()),
            3 => Select::Holder(format!("holder-{}", self.below(KEYS))),
            _ => Select::Due { work: self.work(), limit: usize::try_from(self.below(5)).unwrap() },
        };
        let named = matches!(keys, Select::Due { .. }) || self.chance();
        let account = named.then(|| self.account());
        Scope { account, keys, open: self.chance(), ends_due: self.chance() }
    }

    /// Changes what the scheme of a store allows, sensible or not.
    fn change(&mut self, row: &mut KeyRow) {
        row.state = self.state();
        row.due_at = self.maybe(Self::time);
        row.claimed_until = self.maybe(Self::time);
        row.by_hand = self.chance();
        row.adopted = self.chance();
        row.unproven = self.chance();
        row.keep_until = self.maybe(Self::time);
        row.end_due = self.maybe(Self::time);
        row.seen_at = self.maybe(Self::time);
        row.difference = self.maybe(|it| format!("difference \u{1F511} {}", it.below(9)));
        row.uses = self.maybe(|it| i64::try_from(it.below(9)).unwrap());
        row.replaces = self.maybe(Self::id);
        row.open_holder = self.maybe(|it| format!("holder-{}", it.below(KEYS)));
        row.open_successor = self.maybe(Self::id);
    }

    /// A decision: changes rows, adds one, touches the account and the store.
    fn decide(&mut self, tx: &mut Tx) {
        for row in &mut tx.rows {
            if self.chance() {
                self.change(row);
            }
        }
        if self.chance() {
            let mut row = live(usize::try_from(self.below(KEYS)).unwrap());
            row.account = self.account();
            row.created_at = self.time();
            self.change(&mut row);
            if tx.row(&row.id).is_none() {
                tx.rows.push(row);
            }
        }
        if let Some(account) = &mut tx.account {
            account.changes += i64::try_from(self.below(2)).unwrap();
            account.full_pass_began = self.maybe(Self::time);
        }
        if self.below(4) == 0 {
            tx.store.last_tick_at = Some(tx.now);
        }
        if self.below(8) == 0 {
            tx.store.rolled_back_at = Some(tx.now);
            tx.store.acknowledged = self.chance();
        }
        let line = self.maybe(|it| AuditRow {
            number: 0,
            at: tx.now,
            actor: "test".to_owned(),
            account: it.account(),
            key: it.id(),
            reference: None,
            action: "change".to_owned(),
            from: it.maybe(Self::state),
            to: it.state(),
            effect: it.maybe(|_| "done".to_owned()),
            text: None,
        });
        tx.audit.extend(line);
    }
}

/// What two stores must agree on: not their labels and identities, and not how often they write the
/// time.
fn comparable(store: StoreRow) -> StoreRow {
    StoreRow {
        label: "00000000".parse().unwrap(),
        identity: String::new(),
        time_high: Timestamp::default(),
        ..store
    }
}

async fn snapshot(store: &dyn Store) -> Snapshot {
    let snapshot = store.status(StatusQuery { overdue_before: at(200) }).await.unwrap();
    Snapshot { store: comparable(snapshot.store), ..snapshot }
}

/// A time that has come need not be the earliest, and one that has not may be early.
async fn agendas_agree(store: &dyn Store, model: &dyn Store, context: &str) {
    let query = StatusQuery { overdue_before: at(200) };
    let (found, wanted) = (store.agenda(query).await.unwrap(), model.agenda(query).await.unwrap());
    assert_eq!(found.accounts.len(), wanted.accounts.len(), "{context}");
    for (found, model) in found.accounts.iter().zip(&wanted.accounts) {
        assert_eq!(found.account, model.account, "{context}");
        assert_eq!(found.overdue, model.overdue, "{context}");
        assert_eq!(found.due_at.is_some(), model.due_at.is_some(), "{context}");
        let has_come = |agenda: &Agenda| agenda.due_at.is_some_and(|at| at <= wanted.now);
        assert_eq!(has_come(found), has_come(model), "{context}");
        assert!(has_come(model) || found.due_at <= model.due_at, "{context}");
    }
}

async fn pages(store: &dyn Store, filter: &KeyFilter) -> Vec<KeyRow> {
    let mut rows: Vec<KeyRow> = Vec::new();
    loop {
        let after = rows.last();
        let after = after.map(|it| KeyPosition { created_at: it.created_at, id: it.id.clone() });
        let page = store.keys(filter, after.as_ref(), 3).await.unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page);
    }
}

/// The audit trail without its numbers, which may have gaps.
async fn trail(store: &dyn Store, filter: &AuditFilter) -> Vec<AuditRow> {
    let mut lines: Vec<AuditRow> = Vec::new();
    loop {
        let after = lines.last().map_or(0, |line| line.number);
        let page = store.audit(filter, after, 3).await.unwrap();
        if page.is_empty() {
            return lines.into_iter().map(|line| AuditRow { number: 0, ..line }).collect();
        }
        lines.extend(page);
    }
}

fn filters(numbers: &mut Numbers) -> [KeyFilter; 5] {
    let all = KeyFilter::default;
    [
        all(),
        KeyFilter { account: Some(numbers.account()), ..all() },
        KeyFilter { states: vec![numbers.state(), numbers.state()], ..all() },
        KeyFilter { holder: Some(format!("holder-{}", numbers.below(KEYS))), ..all() },
        KeyFilter {
            adopted: Some(numbers.chance()),
            account: numbers.maybe(Numbers::account),
            ..all()
        },
    ]
}

async fn agree_over_a_run(seed: u64, store: &dyn Store, clock: &ManualClock) {
    let model = MemoryStore::new(clock.clone()).unwrap();
    for name in ["main", "other"] {
        for store in [&model as &dyn Store, store] {
            let account = AccountRow { name: name.to_owned(), ..AccountRow::default() };
            let scope = Scope { account: Some(name.to_owned()), ..Scope::default() };
            change(store, scope, move |tx| tx.account = Some(account.clone())).await.unwrap();
        }
    }
    let mut numbers = Numbers::of(seed);
    for step in 0..STEPS {
        clock.advance(std::time::Duration::from_millis(numbers.below(9000)));
        let scope = numbers.scope();
        let context = format!("seed {seed}, step {step}, {scope:?}");
        let mut found = Vec::new();
        for store in [&model as &dyn Store, store] {
            let tx = look(store, scope.clone()).await.unwrap();
            found.push(format!(
                "{:?}",
                Tx { store: comparable(tx.store.clone()), identity: String::new(), ..tx }
            ));
        }
        assert_eq!(found[1], found[0], "{context}");
        let decision = Numbers::of(numbers.below(u64::MAX));
        let mut results = Vec::new();
        for store in [&model as &dyn Store, store] {
            let decision = decision.clone();
            let result = change(store, scope.clone(), move |tx| decision.clone().decide(tx)).await;
            results.push(result.map_err(|error| error.kind()));
        }
        assert_eq!(results[1], results[0], "{context}");
        agendas_agree(store, &model, &context).await;
        let all = KeyFilter::default();
        let rows = store.keys(&all, None, 100).await.unwrap();
        assert_eq!(rows, model.keys(&all, None, 100).await.unwrap(), "{context}");
    }
    assert_eq!(snapshot(store).await, snapshot(&model).await, "seed {seed}");
    for filter in filters(&mut numbers) {
        assert_eq!(pages(store, &filter).await, pages(&model, &filter).await, "{filter:?}");
    }
    let filters = [
        AuditFilter::default(),
        AuditFilter { key: Some(numbers.id()), ..AuditFilter::default() },
        AuditFilter { account: Some(numbers.account()), since: Some(numbers.time()), key: None },
    ];
    for filter in filters {
        assert_eq!(trail(store, &filter).await, trail(&model, &filter).await, "{filter:?}");
    }
    let everything = Prune { audit_before: numbers.time(), limit: 1000 };
    assert_eq!(store.prune(everything).await.unwrap(), model.prune(everything).await.unwrap());
    let all = KeyFilter::default();
    assert_eq!(pages(store, &all).await, pages(&model, &all).await, "seed {seed}");
    let all = AuditFilter::default();
    assert_eq!(trail(store, &all).await, trail(&model, &all).await, "seed {seed}");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_agrees_with_the_store_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..=4 {
        let clock = clock();
        let options = pinning_keys_lifecycle::SqliteStore::options().clock(clock.clone());
        let store = options.open(folder.path().join(seed.to_string())).await.unwrap();
        agree_over_a_run(seed, &store, &clock).await;
    }
}

#[cfg(all(unix, feature = "postgres"))]
#[tokio::test]
async fn postgres_agrees_with_the_store_in_memory() {
    let Some(server) = pinning_keys_testkit::postgres::shared() else { return };
    for seed in 5..=6 {
        let clock = clock();
        let options = pinning_keys_lifecycle::PostgresStore::options().clock(clock.clone());
        let store = options.connect(server.database().url()).await.unwrap();
        agree_over_a_run(seed, &store, &clock).await;
    }
}
