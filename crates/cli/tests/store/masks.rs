//! What differs from run to run, masked by as many other characters.

/// The text with these ids, the label before and the date after them, and times masked.
pub(crate) fn masked(text: &str, ids: &[String]) -> String {
    let of_ids = ids.iter().enumerate().fold(text.to_owned(), |text, (number, id)| {
        let mask = format!("{number:0>13}");
        with_masked_suffix(&text.replace(id, &mask), &format!("-{mask}-"))
    });
    with_masked_times(&with_masked_effort(&of_ids))
}

/// Masks the time that a failed call took, as in `(HTTP 400, 1 attempt, 3 ms)`.
fn with_masked_effort(text: &str) -> String {
    let mut parts = text.split("attempt, ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| {
        let rest = part.find(')').map_or("", |end| &part[end..]);
        format!("{masked}attempt, TIME{rest}")
    })
}

/// Masks the label before an id, and the date after it.
fn with_masked_suffix(text: &str, id: &str) -> String {
    let mut parts = text.split(id);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked.truncate(masked.len() - 8);
        let date = if part.starts_with("000000") { "000000" } else { "YYMMDD" };
        masked = format!("{masked}LLLLLLLL{id}{date}{}", &part[6..]);
    }
    masked
}

/// Masks every digit of times.
fn with_masked_times(text: &str) -> String {
    let is_time = |at: usize, form: &str| {
        let found = text.as_bytes().get(at..at + form.len());
        found.is_some_and(|found| {
            found.iter().zip(form.bytes()).all(|(found, form)| {
                if form == b'0' { found.is_ascii_digit() } else { *found == form }
            })
        })
    };
    let forms = ["0000-00-00T00:00:00Z", "0000-00-00 00:00:00 UTC"];
    let mut masked = String::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let here = &text[at..at + next.len_utf8()];
        let form = forms.into_iter().find(|form| is_time(at, form));
        masked.push_str(form.unwrap_or(here));
        at += form.unwrap_or(here).len();
    }
    masked
}
