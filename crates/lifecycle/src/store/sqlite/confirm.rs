use crate::store::sql::{Names, OVER, UNKNOWN_KEY, refusals, statements};

/// A view whose rows are never stored: inserting one confirms a key.
///
/// A trigger does it all in one statement, so that it has its whole effect or none, with any driver.
/// The app's driver may be older than this one, so it uses nothing that is new in SQLite.
pub(super) fn confirm() -> Vec<String> {
    let state = "(SELECT state FROM pinning_keys_keys WHERE id = NEW.id)";
    let now = "MAX(NEW.at, (SELECT time_high FROM pinning_keys_meta))";
    let raise =
        |why: &str, condition: &str| format!("SELECT RAISE(ABORT, '{why}') WHERE {condition}");
    let mut body = vec![
        raise(UNKNOWN_KEY, &format!("{state} IS NULL")),
        format!("SELECT RAISE(IGNORE) WHERE {state} = 'live'"),
    ];
    body.extend(refusals().map(|(refused, why)| raise(&why, &format!("{state} = '{refused}'"))));
    // A newer version may have further states.
    body.push(raise("cannot confirm", &format!("{state} <> 'undelivered'")));
    let expires_at = "(SELECT expires_at FROM pinning_keys_keys WHERE id = NEW.id)";
    body.push(raise(OVER, &format!("{expires_at} <= {now}")));
    body.extend(statements(&Names {
        keys: "pinning_keys_keys",
        audit: "pinning_keys_audit",
        id: "NEW.id",
        now,
        actor: "NEW.actor",
        replaced: "(SELECT replaces FROM pinning_keys_keys WHERE id = NEW.id)",
        overlap: "COALESCE((SELECT overlap FROM pinning_keys_keys WHERE id = NEW.id), 0)",
        reference: "json_extract(key_references, '$[0]')",
    }));
    body.push(format!("UPDATE pinning_keys_meta SET time_high = {now}"));
    vec![
        "CREATE VIEW pinning_keys_confirm AS SELECT '' AS id, 0 AS at, '' AS actor WHERE 0"
            .to_owned(),
        format!(
            "CREATE TRIGGER pinning_keys_confirm_key INSTEAD OF INSERT ON pinning_keys_confirm \
             BEGIN {}; END",
            body.join("; ")
        ),
    ]
}
