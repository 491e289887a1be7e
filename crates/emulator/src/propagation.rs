/// How far the word of a key has come through a provider, counted in requests that the key
/// made and never in time, so that runs repeat.
#[derive(Clone, Copy, Default)]
pub(crate) struct Propagation {
    refused_as_new: u32,
    honoured_when_revoked: u32,
}

/// How a key is taken at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not known yet: answered as an unknown key.
    TooNew,
    Live,
    Revoked,
}

impl Propagation {
    /// With `delays`, a new key is unknown for a while, and a revoked one live.
    pub(crate) fn standing(self, revoked: bool, delays: Delays) -> Standing {
        // Who has not heard of the key has not heard of its end either.
        if self.refused_as_new < delays.new_key_refusals {
            Standing::TooNew
        } else if revoked && self.honoured_when_revoked >= delays.honour_revoked {
            Standing::Revoked
        } else {
            Standing::Live
        }
    }

    /// Counts a request that was refused because the key is new.
    pub(crate) fn count_refused(&mut self) {
        self.refused_as_new = self.refused_as_new.saturating_add(1);
    }

    /// Counts a request that was taken as one of a live key.
    pub(crate) fn count_honoured(&mut self, revoked: bool) {
        if revoked {
            self.honoured_when_revoked = self.honoured_when_revoked.saturating_add(1);
        }
    }
}

/// How many requests a key makes before the provider knows that it is there, or that it is
/// revoked.
#[derive(Clone, Copy)]
pub(crate) struct Delays {
    pub(crate) new_key_refusals: u32,
    pub(crate) honour_revoked: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_new_then_live_then_revoked() {
        let delays = Delays { new_key_refusals: 1, honour_revoked: 2 };
        let mut word = Propagation::default();
        assert_eq!(word.standing(false, delays), Standing::TooNew);
        assert_eq!(word.standing(true, delays), Standing::TooNew);
        word.count_refused();
        for _ in 0..3 {
            assert_eq!(word.standing(false, delays), Standing::Live);
            word.count_honoured(false);
        }
        for _ in 0..2 {
            assert_eq!(word.standing(true, delays), Standing::Live);
            word.count_honoured(true);
        }
        assert_eq!(word.standing(true, delays), Standing::Revoked);
    }
}
