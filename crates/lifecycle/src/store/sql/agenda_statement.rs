use super::table::names;
use super::works::works;
use crate::store::AccountRow;

/// The accounts, with what is overdue and some times of which the earliest counts. `$1`: now; `$2`:
/// what was due before it is overdue.
pub(super) fn agenda(prefix: &str) -> String {
    let of_account = |what: &str, states: &str, condition: &str| {
        format!(
            "(SELECT {what} FROM {prefix}keys WHERE {states} AND account = owner.name \
             AND {condition})"
        )
    };
    let [(_, ends), ..] = works();
    let mut overdue = vec![of_account("COUNT(*)", &ends, "end_due IS NOT NULL AND end_due < $2")];
    let mut times = Vec::new();
    for by_hand in ["by_hand = FALSE", "by_hand = TRUE"] {
        let due = format!("{by_hand} AND due_at IS NOT NULL AND due_at");
        overdue.push(of_account("COUNT(*)", &ends, &format!("{due} < $2 AND end_due IS NULL")));
        for (_, states) in works() {
            // Ends at the first entry of the index that is free.
            let free = "(claimed_until IS NULL OR claimed_until <= $1) ORDER BY due_at, id LIMIT 1";
            let free = of_account("due_at", &states, &format!("{due} <= $1 AND {free}"));
            // Only if all that is due is claimed, which are few.
            let claimed = format!("{due} <= $1 AND claimed_until > $1");
            let claimed = of_account("MIN(claimed_until)", &states, &claimed);
            times.push(format!("COALESCE({free}, {claimed})"));
            times.push(of_account("MIN(due_at)", &states, &format!("{due} > $1")));
        }
    }
    let accounts = names::<AccountRow>();
    format!(
        "SELECT {accounts}, {}, {} FROM {prefix}accounts owner ORDER BY name",
        overdue.join(" + "),
        times.join(", ")
    )
}
