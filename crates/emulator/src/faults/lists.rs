use super::fault::ListFault;
use crate::random::Random;

/// How the page of keys that a request asks for is distorted; an extension of the request.
#[derive(Clone, Copy)]
pub(crate) struct Distortion {
    pub(super) fault: ListFault,
    pub(super) seed: u64,
}

impl Distortion {
    /// How many changes ago the list was as the page shows it.
    pub(crate) fn changes_ago(self) -> usize {
        match self.fault {
            ListFault::Stale => 1,
            ListFault::StaleBy { changes } => usize::try_from(changes).unwrap_or(usize::MAX),
            ListFault::Duplicated | ListFault::Shuffled | ListFault::MissingRow => 0,
        }
    }
}

/// A page of a list, with the numbers that an answer may count.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    /// How many rows the page should have.
    pub(crate) length: usize,
    /// How many rows all pages have.
    pub(crate) total: usize,
}

/// Cuts the page that begins at `offset` out of the list and distorts it if asked to.
pub(crate) fn cut<T: Copy>(
    mut all: Vec<T>,
    offset: usize,
    limit: usize,
    distortion: Option<Distortion>,
) -> Page<T> {
    let fault = distortion.map(|distortion| distortion.fault);
    if fault == Some(ListFault::Duplicated) && offset <= all.len() {
        if let Some(row) = all.get(offset.saturating_sub(1)).copied() {
            all.insert(offset, row);
        }
    }
    let mut rows: Vec<T> = all.iter().copied().skip(offset).take(limit).collect();
    let length = rows.len();
    match (fault, distortion) {
        (Some(ListFault::MissingRow), _) if length > 0 => {
            rows.remove(length / 2);
        }
        (Some(ListFault::Shuffled), Some(Distortion { seed, .. })) => shuffle(&mut rows, seed),
        _ => {}
    }
    Page { rows, length, total: all.len() }
}

/// Moves every row (of two or more), so that the fault always shows.
fn shuffle<T>(rows: &mut [T], seed: u64) {
    // Sattolo's algorithm: each row is swapped with an earlier one, which yields a single cycle.
    let mut random = Random::new(seed);
    for place in (1..rows.len()).rev() {
        rows.swap(place, random.below(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(fault: ListFault, offset: usize) -> Page<u32> {
        cut(vec![1, 2, 3, 4, 5], offset, 3, Some(Distortion { fault, seed: 7 }))
    }

    #[test]
    fn page_without_fault_is_a_slice() {
        for (offset, rows) in [(0, &[1, 2, 3][..]), (3, &[4, 5]), (5, &[]), (9, &[])] {
            let page = cut(vec![1, 2, 3, 4, 5], offset, 3, None);
            assert_eq!((&page.rows[..], page.length, page.total), (rows, rows.len(), 5));
        }
    }

    #[test]
    fn duplicated_row_shifts_the_others() {
        for (offset, rows) in [(0, &[1, 1, 2][..]), (2, &[2, 3, 4]), (3, &[3, 4, 5]), (5, &[5])] {
            let page = page(ListFault::Duplicated, offset);
            assert_eq!((&page.rows[..], page.total), (rows, 6), "{offset}");
        }
        assert_eq!(page(ListFault::Duplicated, 6).rows, [0; 0]);
        let empty = Distortion { fault: ListFault::Duplicated, seed: 1 };
        assert_eq!(cut::<u32>(Vec::new(), 0, 3, Some(empty)).rows, [0; 0]);
    }

    #[test]
    fn missing_row_is_still_counted() {
        let page = page(ListFault::MissingRow, 0);
        assert_eq!((&page.rows[..], page.length, page.total), (&[1, 3][..], 3, 5));
    }

    #[test]
    fn shuffle_moves_every_row() {
        for seed in 0..20 {
            let mut rows = [0, 1, 2, 3, 4];
            shuffle(&mut rows, seed);
            assert!((0..5).all(|place| rows[place] != place), "{rows:?}");
            let mut again = [0, 1, 2, 3, 4];
            shuffle(&mut again, seed);
            assert_eq!(rows, again);
            rows.sort_unstable();
            assert_eq!(rows, [0, 1, 2, 3, 4]);
        }
    }
}
