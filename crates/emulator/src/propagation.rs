/// How far news of a key has spread at a provider, counted in requests of the key instead of time,
/// so that runs repeat.
#[derive(Clone, Copy, Default)]
pub(crate) struct Propagation {
    /// The delays of this key; the longer of these and the provider's win.
    own: Delays,
    refused_as_new: u32,
    honoured_when_revoked: u32,
}

/// How a key is treated at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not known yet: answered like an unknown key.
    TooNew,
    Live,
    Revoked,
}

impl Propagation {
    /// For a key that is created now.
    pub(crate) fn begin(delays: Delays) -> Self {
        let own = Delays { honour_revoked: 0, ..delays };
        Self { own, ..Self::default() }
    }

    /// For the same key when it is revoked.
    pub(crate) fn revoke(&mut self, delays: Delays) {
        self.own.honour_revoked = delays.honour_revoked;
    }

    /// Within the delays of the provider and its own, a new key is unknown and a revoked one live.
    pub(crate) fn standing(self, revoked: bool, delays: Delays) -> Standing {
        let new_key_refusals = delays.new_key_refusals.max(self.own.new_key_refusals);
        let honour_revoked = delays.honour_revoked.max(self.own.honour_revoked);
        // A key that is not known yet cannot be known as revoked either.
        if self.refused_as_new < new_key_refusals {
            Standing::TooNew
        } else if revoked && self.honoured_when_revoked >= honour_revoked {
            Standing::Revoked
        } else {
            Standing::Live
        }
    }

    /// Counts a request that was refused because the key is new.
    pub(crate) fn count_refused(&mut self) {
        self.refused_as_new = self.refused_as_new.saturating_add(1);
    }

    /// Counts a request that was treated as one of a live key.
    pub(crate) fn count_honoured(&mut self, revoked: bool) {
        if revoked {
            self.honoured_when_revoked = self.honoured_when_revoked.saturating_add(1);
        }
    }
}

/// How many requests a key makes before the provider knows that it exists, or that it is revoked.
/// As an extension of a request, the delays of the key that the request makes or revokes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Delays {
    pub(crate) new_key_refusals: u32,
    pub(crate) honour_revoked: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_new_then_live_then_revoked() {
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

    #[test]
    fn longer_delay_wins() {
        let (none, some) = (Delays::default(), Delays { new_key_refusals: 2, honour_revoked: 1 });
        for (own, everyone) in [(some, none), (none, some), (some, some)] {
            let mut word = Propagation::begin(own);
            for _ in 0..2 {
                assert_eq!(word.standing(false, everyone), Standing::TooNew);
                word.count_refused();
            }
            assert_eq!(word.standing(false, everyone), Standing::Live);
            word.revoke(own);
            assert_eq!(word.standing(true, everyone), Standing::Live);
            word.count_honoured(true);
            assert_eq!(word.standing(true, everyone), Standing::Revoked);
        }
    }

    #[test]
    fn create_delays_the_start_and_revoke_the_end() {
        let (none, some) = (Delays::default(), Delays { new_key_refusals: 2, honour_revoked: 2 });
        let mut made = Propagation::begin(Delays { new_key_refusals: 0, ..some });
        assert_eq!(made.standing(true, none), Standing::Revoked);
        made.revoke(some);
        assert_eq!(made.standing(false, none), Standing::Live);
    }
}
