//! Lists, page by page.

use pinning_keys_core::{
    Cursor, Discrepancies, Effect, Error, ErrorKind, KeyPage, KeyQuery, KeyRecord, KeyRef,
    Operation, Reading,
};
use serde_json::{Value, json};
use std::num::NonZeroU64;
use tokio::time::Instant;

use super::adapter::{Adapter, escaped, read_end};
use super::exchange::failed;
use super::mutation::Mutation::*;
use super::provider::{PAGE_SIZE, RIGHTS};

/// Where a list continues.
#[derive(Default)]
struct Position {
    offset: usize,
    received: u64,
    first_total: Option<u64>,
    /// The ids on the previous page.
    previous: Vec<String>,
}

impl Position {
    fn parse(cursor: Option<&Cursor>) -> Self {
        let Some(cursor) = cursor else { return Self::default() };
        let (offset, received, first_total, previous) =
            serde_json::from_str(cursor.as_str()).unwrap();
        Self { offset, received, first_total, previous }
    }

    fn encode(&self) -> Cursor {
        let Self { offset, received, first_total, previous } = self;
        Cursor::new(json!([offset, received, first_total, previous]).to_string())
    }
}

impl Adapter {
    pub(super) async fn page(
        &self,
        query: &KeyQuery,
        until: Instant,
    ) -> Result<(Vec<Value>, KeyPage), Error> {
        let position = Position::parse(query.cursor());
        let mut path = format!("/keys?offset={}", position.offset);
        if let Some(name) = query.name_containing().filter(|_| !self.is(IgnoresNameFilter)) {
            path = format!("{path}&name={}", escaped(name));
        }
        if let Some(revoked) = query.revoked() {
            path = format!("{path}&revoked={revoked}");
        }
        let request = self.as_account("GET", path, String::new());
        let reply = self.answer(Operation::List, &request, until).await?;
        let body = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
        let Some(rows) = body["keys"].as_array().filter(|_| reply.status == 200) else {
            return Err(self.unreadable(Operation::List, &reply));
        };
        self.read_page(&position, rows, body["total"].as_u64())
    }

    fn read_page(
        &self,
        position: &Position,
        rows: &[Value],
        total: Option<u64>,
    ) -> Result<(Vec<Value>, KeyPage), Error> {
        let mut found = Discrepancies::default();
        let id = |row: &Value| row["id"].as_str().unwrap_or_default().to_owned();
        let (repeated, new): (Vec<Value>, Vec<Value>) =
            rows.iter().cloned().partition(|row| position.previous.contains(&id(row)));
        let kept = if self.is(RepeatsRow) { rows.to_vec() } else { new };
        if !self.is(CountsNoRepeats) {
            found = found.with_repeated_rows(repeated.len() as u64);
        }
        let is_left_out = |at: usize, row: &Value| {
            let newest = position.offset == 0 && at == 0;
            newest && self.is(LeavesOutNewest)
                || row["name"].as_str().is_some_and(|name| self.hides(name))
        };
        let mut records = Vec::new();
        for (_, row) in kept.iter().enumerate().filter(|(at, row)| !is_left_out(*at, row)) {
            match self.record(row) {
                Some(record) => records.push(record),
                None if self.is(FailsOnUnreadableRow) => {
                    let kind = ErrorKind::UnreadableAnswer;
                    return Err(failed(Operation::List, kind, Effect::Rejected, "unreadable row"));
                }
                None if self.is(DropsUnreadableRows) => {}
                None => found = found.with_unreadable_rows(found.unreadable_rows() + 1),
            }
        }
        let received = position.received + kept.len() as u64;
        let first_total = position.first_total.or(total);
        let ended = rows.is_empty()
            || self.is(LosesPageTwo)
            || self.is(StopsAtShortPage) && rows.len() < PAGE_SIZE;
        if !self.is(IgnoresTotal) {
            let changed = first_total.zip(total).filter(|(first, now)| {
                if self.is(HidesShrinkage) { first < now } else { first != now }
            });
            let wrong = total.map(|total| (total, received)).filter(|(a, b)| ended && a != b);
            found = found.with_changed_total(changed).with_wrong_total(wrong);
        }
        let next = Position {
            offset: position.offset + rows.len(),
            received,
            first_total,
            previous: rows.iter().map(id).collect(),
        };
        let next = (!ended).then(|| next.encode());
        Ok((kept, KeyPage::new(records, next).with_discrepancies(found)))
    }

    fn record(&self, row: &Value) -> Option<KeyRecord> {
        if let (true, Some(key)) = (self.is(ReadsArrayRows), row[0].as_str()) {
            let key_ref = KeyRef::new(RIGHTS.provider(), key).ok()?;
            return Some(KeyRecord::new(key_ref, "", Reading::admin()));
        }
        let text = |member: &str| row[member].as_str();
        let key_ref =
            KeyRef::new(RIGHTS.provider(), text("key")?).ok()?.with_id(text("id")?).ok()?;
        let rights: Vec<String> = serde_json::from_value(row["rights"].clone()).ok()?;
        let mut read: Vec<&str> = rights.iter().map(String::as_str).collect();
        if self.is(MisreadsGrants) {
            read = vec!["figures"];
        }
        if self.is(DropsUnknownGrants) {
            read.retain(|right| RIGHTS.grant(right).is_some());
        }
        let is_admin = row["admin"].as_bool()?;
        let reading = if is_admin { Reading::admin() } else { RIGHTS.read(read) };
        let secret = text("secret").filter(|_| self.is(LeaksInRecord)).map(str::to_owned);
        let mut name = text("name")?.to_owned();
        if let Some(secret) = text("secret").filter(|_| self.is(LeaksInName)) {
            name = format!("{name} {secret}");
        }
        Some(
            KeyRecord::new(key_ref, name, reading)
                .with_uses(row["uses"].as_u64(), row["max_uses"].as_u64().and_then(NonZeroU64::new))
                .with_revoked(row["revoked"].as_bool())
                .with_expires_at(read_end(row).filter(|_| !self.is(HidesExpiry)))
                .with_native_grants(None, secret.into_iter().collect()),
        )
    }

    /// The id of the newest key.
    pub(super) async fn newest_id(&self, until: Instant) -> Option<String> {
        let (rows, _) = self.page(&KeyQuery::new(), until).await.ok()?;
        rows.first()?["id"].as_str().map(str::to_owned)
    }

    /// The id that revokes a key, which only the list shows.
    pub(super) async fn find_id(
        &self,
        key: &KeyRef,
        until: Instant,
    ) -> Result<Option<String>, Error> {
        let mut query = KeyQuery::new();
        loop {
            let (rows, page) = self.page(&query, until).await?;
            let is_meant = |row: &&Value| row["key"].as_str() == Some(key.api_key());
            if let Some(row) = rows.iter().find(is_meant) {
                return Ok(row["id"].as_str().map(str::to_owned));
            }
            match page.next() {
                Some(next) => query = query.with_cursor(next.clone()),
                None => return Ok(None),
            }
        }
    }
}
