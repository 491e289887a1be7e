//! What a page means for a listing by offsets: whether it is used, and what follows it.

use pinning_keys_core::Discrepancies;

use crate::offset_position::{Position, Step};
use crate::offset_rows::Rows;

/// A server that sends the same page again and again ignores the offset. This many pages without a
/// new row end the listing, which would be endless otherwise.
const PAGES_WITHOUT_NEWS: u32 = 3;

/// How often a listing goes back. A server that shuffles its rows would send it back forever.
const MOST_RETURNS: u32 = 200;

pub(crate) struct Verdict {
    /// Whether the page adjoins rows that were read. Otherwise rows before it may be unread.
    pub(crate) is_used: bool,
    /// Where the listing continues, unless it has ended.
    pub(crate) next: Option<Position>,
    pub(crate) discrepancies: Discrepancies,
}

impl Verdict {
    /// Evaluates the page at a position. `claimed` is the total that it reports.
    ///
    /// Rows keep their order, so all rows before one that was read have been read too, if they were
    /// there all the time. A page with such a row therefore leaves no gap.
    pub(crate) fn of(before: Position, rows: &Rows, claimed: Option<u64>) -> Self {
        let has_gap = before.offset > 0 && before.step != Step::Confirm && rows.known == 0;
        // If the page before brought nothing new, going back has not helped.
        let may_help = before.step == Step::Back || before.stale == 0;
        if has_gap && may_help && before.returns < MOST_RETURNS {
            Self::back(before, claimed)
        } else {
            Self::forward(&before, rows, claimed, has_gap)
        }
    }

    /// Goes back. Usually few rows have moved, so the first step is half a page. The pages of
    /// further steps adjoin, so that they find the latest row that was read and is still there.
    fn back(before: Position, claimed: Option<u64>) -> Self {
        let page = before.longest.max(1);
        let rows_back = match before.step {
            _ if before.offset <= page => before.offset,
            Step::Back => page,
            _ => page.div_ceil(2),
        };
        let discrepancies =
            Discrepancies::default().with_changed_total(changed(before.first_total, claimed));
        let next = Position {
            offset: before.offset - rows_back,
            step: Step::Back,
            first_total: before.first_total.or(claimed),
            returns: before.returns + 1,
            ..before
        };
        Self { is_used: false, next: Some(next), discrepancies }
    }

    fn forward(before: &Position, rows: &Rows, claimed: Option<u64>, has_gap: bool) -> Self {
        let longest = before.longest.max(rows.len());
        let (offset, step) = follow(before, rows, longest);
        let after = Position {
            offset,
            step,
            received: before.received.saturating_add(rows.new_rows()),
            first_total: before.first_total.or(claimed),
            stale: if rows.new_rows() > 0 { 0 } else { before.stale.saturating_add(1) },
            returns: before.returns,
            longest,
            known: rows.remember(&before.known, longest.saturating_mul(2)),
        };
        let total = claimed.or(before.first_total);
        let is_whole =
            total.is_some_and(|total| total == after.received && end(before, rows) >= total);
        let ending = Ending::of(before, rows, is_whole, after.stale);
        let is_same_page = is_same_page(before, rows);
        let has_given_up = ending == Some(Ending::NoNews);
        let repeats = match ending {
            // All rows are there, so it does not matter that the server ignores the offset.
            Some(Ending::Whole) if is_same_page => 0,
            _ => unexpected_repeats(before, rows),
        };
        let has_moved = has_gap || has_given_up && !is_same_page || has_unsure_rows(before, rows);
        let wrong = total.filter(|total| ending.is_some() && *total != after.received);
        let discrepancies = Discrepancies::default()
            .with_repeated_rows(repeats)
            .with_repeated_page(has_given_up && is_same_page)
            .with_moved_rows(has_moved)
            .with_changed_total(changed(before.first_total, claimed))
            .with_wrong_total(wrong.map(|total| (total, after.received)));
        Self { is_used: true, next: ending.is_none().then_some(after), discrepancies }
    }
}

/// Why a page is the last one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// There is no row after those that were read.
    NoMoreRows,
    /// As many rows were received as the server claims to have.
    Whole,
    /// Too many pages brought no new row.
    NoNews,
}

impl Ending {
    fn of(before: &Position, rows: &Rows, is_whole: bool, stale: u32) -> Option<Self> {
        if rows.len() == 0 {
            return Some(Self::NoMoreRows);
        }
        if rows.new_rows() > 0 {
            return None;
        }
        // After a full page, a page that is short for another reason can look the same.
        if rows.len() == 1 && matches!(before.step, Step::Next | Step::Back) {
            return Some(Self::NoMoreRows);
        }
        if is_whole {
            return Some(Self::Whole);
        }
        (stale >= PAGES_WITHOUT_NEWS).then_some(Self::NoNews)
    }
}

/// The offset of the next page, and how that page relates to this one.
fn follow(before: &Position, rows: &Rows, longest: u64) -> (u64, Step) {
    let end = end(before, rows);
    let shows_nothing_else = rows.len() == 1 && rows.new_rows() == 0;
    if longest == 1 || before.step == Step::NextAfterFull && shows_nothing_else {
        return (end, Step::Confirm);
    }
    let step = if rows.len() == longest { Step::NextAfterFull } else { Step::Next };
    (end.saturating_sub(1), step)
}

/// The offset after the last row of a page.
fn end(before: &Position, rows: &Rows) -> u64 {
    before.offset.saturating_add(rows.len())
}

/// Whether the server sent the page before again, instead of one that begins with its last row.
fn is_same_page(before: &Position, rows: &Rows) -> bool {
    let is_last_row_alone = rows.len() == 1 && before.step != Step::Confirm;
    rows.are_latest && before.offset > 0 && !is_last_row_alone
}

/// How many rows came again although they were not requested again.
fn unexpected_repeats(before: &Position, rows: &Rows) -> u64 {
    let expected = match before.step {
        Step::Back => rows.known,
        Step::Next | Step::NextAfterFull if before.offset > 0 => rows.known.min(1),
        _ => 0,
    };
    rows.len() - rows.new_rows() - expected
}

/// Whether the page has rows that may have been read long ago, or that follow rows which were not
/// read.
fn has_unsure_rows(before: &Position, rows: &Rows) -> bool {
    match before.step {
        Step::Confirm => rows.new_rows() > 0,
        Step::Back if before.offset == 0 => {
            let has_forgotten = before.received > before.known.len() as u64;
            rows.begins_new && (has_forgotten || rows.known == 0)
        }
        _ => before.offset > 0 && rows.begins_new && rows.known > 0,
    }
}

/// The total that the server claimed first and the current one, if they differ.
fn changed(first: Option<u64>, now: Option<u64>) -> Option<(u64, u64)> {
    first.zip(now).filter(|(first, now)| first != now)
}
