//! A copied store holds what the old one held, and an occupied store is refused.

use std::sync::Arc;

use pinning_keys_lifecycle::store::{
    AccountRow, AuditFilter, KeyFilter, MemoryStore, Scope, StatusQuery, Store, StoreErrorKind, Tx,
    Verdict, copy,
};
use pinning_keys_lifecycle::{SystemClock, Timestamp};

const EVERYTHING: StatusQuery = StatusQuery { overdue_before: Timestamp::from_micros(0) };

async fn occupied() -> MemoryStore {
    let store = MemoryStore::new(SystemClock).unwrap();
    let scope = Scope { account: Some("main".to_owned()), ..Scope::default() };
    let decide = |tx: &mut Tx| {
        let name = "main".to_owned();
        tx.account =
            Some(AccountRow { name, provider: "pinata".to_owned(), ..AccountRow::default() });
        Verdict::Commit
    };
    store.transact(scope, Arc::new(decide)).await.unwrap();
    store
}

#[tokio::test]
async fn a_copy_has_the_label_and_the_accounts_of_the_original() {
    let (old, new) = (occupied().await, MemoryStore::new(SystemClock).unwrap());
    let copied = copy(&old, &new).await.unwrap();
    assert_eq!((copied.accounts, copied.keys, copied.audit), (1, 0, 0));
    let (old, new) = (old.status(EVERYTHING).await.unwrap(), new.status(EVERYTHING).await.unwrap());
    assert_eq!(new.store.label, old.store.label);
    assert_eq!(new.accounts, old.accounts);
}

#[tokio::test]
async fn an_occupied_store_is_refused_and_unchanged() {
    let (old, new) = (occupied().await, occupied().await);
    let before = new.status(EVERYTHING).await.unwrap().store.label;
    let error = copy(&old, &new).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::NotOurs);
    assert_eq!(new.status(EVERYTHING).await.unwrap().store.label, before);
    assert!(new.keys(&KeyFilter::default(), None, 1).await.unwrap().is_empty());
    assert!(new.audit(&AuditFilter::default(), 0, 1).await.unwrap().is_empty());
}
