use crate::store::sql::{Names, OVER, UNKNOWN_KEY, refusals, statements};

/// The function that confirms a key, and returns whether it was not confirmed before.
pub(super) fn confirm() -> Vec<String> {
    let refusals: Vec<String> =
        refusals().map(|(state, why)| format!("WHEN '{state}' THEN '{why}'")).collect();
    let statements = statements(&Names {
        keys: "pinning_keys.keys",
        audit: "pinning_keys.audit",
        id: "target.id",
        now: "moment",
        actor: "confirm.actor",
        replaced: "target.replaces",
        overlap: "COALESCE(target.overlap, 0)",
        reference: "key_references::JSON ->> 0",
    });
    vec![format!(
        "CREATE FUNCTION pinning_keys.confirm\
         (id TEXT, actor TEXT DEFAULT 'sql', at BIGINT DEFAULT NULL) \
         RETURNS BOOLEAN LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $confirm$\n\
         #variable_conflict use_column\n\
         DECLARE target pinning_keys.keys; replaced TEXT; moment BIGINT;\n\
         BEGIN\n\
         PERFORM set_config('synchronous_commit', \
             CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' \
             ELSE 'on' END, TRUE);\n\
         SELECT replaces INTO replaced FROM pinning_keys.keys WHERE id = confirm.id;\n\
         PERFORM 1 FROM pinning_keys.keys \
             WHERE id = confirm.id OR id = replaced OR replaces = replaced ORDER BY id FOR UPDATE;\n\
         SELECT * INTO target FROM pinning_keys.keys WHERE id = confirm.id;\n\
         SELECT GREATEST(time_high, COALESCE(confirm.at, \
             (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT)) \
             INTO moment FROM pinning_keys.meta;\n\
         IF target.id IS NULL THEN RAISE EXCEPTION '{UNKNOWN_KEY}'; END IF;\n\
         IF target.state = 'live' THEN RETURN FALSE; END IF;\n\
         IF target.state <> 'undelivered' THEN\n\
             RAISE EXCEPTION '%', CASE target.state {} ELSE 'cannot confirm' END;\n\
         END IF;\n\
         IF target.expires_at <= moment THEN RAISE EXCEPTION '{OVER}'; END IF;\n\
         {};\n\
         RETURN TRUE;\n\
         END $confirm$",
        refusals.join(" "),
        statements.join(";\n")
    )]
}
