//! What is decided before a run: which cases can run, and how many keys they make.

use pinning_keys_core::{IssuerProfile, KeyName, Operation};

use crate::case::Case;
use crate::{BoxError, CASES, Harness};

/// How many keys a page has where nobody says.
const USUAL_PAGE: usize = 10;

/// How many characters [`KeyName::unique`] adds.
const UNIQUE_CHARS: usize = 14;

/// What is known before a run.
pub(crate) struct Terms {
    pub(crate) profile: IssuerProfile,
    /// How many keys stand on a page.
    pub(crate) page: usize,
    /// Whether harness or profile say so, or it is only guessed.
    pub(crate) page_is_told: bool,
    /// Whether keys may be made that make others.
    pub(crate) may_escalate: bool,
    pub(crate) lists: bool,
    pub(crate) seed: u64,
}

impl Terms {
    /// # Errors
    ///
    /// Where keys cannot be told from those of others by the harness's label.
    pub(crate) fn new(harness: &dyn Harness, profile: &IssuerProfile) -> Result<Self, BoxError> {
        let page = harness.page_size().or_else(|| profile.page_size());
        let terms = Self {
            profile: profile.clone(),
            page: page.unwrap_or(USUAL_PAGE),
            page_is_told: page.is_some(),
            may_escalate: harness.may_make_admin_keys(),
            lists: !harness.lacks(Operation::List),
            seed: harness.seed(),
        };
        terms.check_label(harness.label())?;
        Ok(terms)
    }

    /// How long a name may be before what makes it unique.
    pub(crate) fn prefix_chars(&self) -> usize {
        let most = self.profile.max_name_chars().unwrap_or(KeyName::MAX_CHARS);
        most.min(KeyName::MAX_CHARS).saturating_sub(UNIQUE_CHARS)
    }

    /// A label that was cut would be another one.
    fn check_label(&self, label: &str) -> Result<(), BoxError> {
        let (chars, room) = (label.chars().count(), self.prefix_chars());
        if chars > room {
            return Err(format!(
                "the harness's label {label:?} has {chars} characters, and names at {} have room \
                 for {room}",
                self.profile.table()
            )
            .into());
        }
        KeyName::new(label).map_err(|error| format!("the harness's label {label:?}: {error}"))?;
        Ok(())
    }
}

/// A case, and whether it can run.
pub(crate) struct Selected {
    pub(crate) case: &'static Case,
    pub(crate) keys: usize,
    /// What it lacks, where it cannot.
    pub(crate) lack: Option<String>,
    /// Whether it may still find, once it runs, that there is nothing to look at.
    pub(crate) may_skip_late: bool,
}

/// Which cases can run. It depends on the harness and the profile alone, so that each case, run
/// as a test of its own, comes to the same as in a run of all.
pub(crate) fn select(harness: &dyn Harness, terms: &Terms) -> Vec<Selected> {
    let mut left = harness.max_keys();
    CASES
        .iter()
        .map(|case| {
            let keys = (case.keys)(terms);
            let lack = case.lacking(harness, terms).or_else(|| {
                let lack = || format!("it makes {keys} keys, and {left} are left of those allowed");
                (keys > left).then(lack)
            });
            if lack.is_none() {
                left -= keys;
            }
            Selected { case, keys, lack, may_skip_late: case.may_skip_late(harness, terms) }
        })
        .collect()
}
