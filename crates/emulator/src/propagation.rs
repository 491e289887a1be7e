/// How far the word of a key has come through a provider, counted in requests that the key
/// made and never in time, so that runs repeat.
#[derive(Clone, Copy, Default)]
pub(crate) struct Propagation {
    /// Those of this key alone; the longer ones hold.
    own: Delays,
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
    /// Of a key that is made now.
    pub(crate) fn begin(delays: Delays) -> Self {
        let own = Delays { honour_revoked: 0, ..delays };
        Self { own, ..Self::default() }
    }

    /// Of the same key, which is revoked now.
    pub(crate) fn revoke(&mut self, delays: Delays) {
        self.own.honour_revoked = delays.honour_revoked;
    }

    /// With the delays of the provider and its own, a new key is unknown for a while, and a
    /// revoked one live.
    pub(crate) fn standing(self, revoked: bool, delays: Delays) -> Standing {
        let new_key_refusals = delays.new_key_refusals.max(self.own.new_key_refusals);
        let honour_revoked = delays.honour_revoked.max(self.own.honour_revoked);
        // Who has not heard of the key has not heard of its end either.
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

    /// Counts a request that was taken as one of a live key.
    pub(crate) fn count_honoured(&mut self, revoked: bool) {
        if revoked {
            self.honoured_when_revoked = self.honoured_when_revoked.saturating_add(1);
        }
    }
}

/// How many requests a key makes before the provider knows that it is there, or that it is
/// revoked. Among the extensions of a request, they are those of the key that it makes or
/// revokes.
#[derive(Clone, Copy, Default)]
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

    #[test]
    fn the_longer_delay_holds() {
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
    fn a_create_decides_about_the_beginning_alone_and_a_revocation_about_the_end() {
        let (none, some) = (Delays::default(), Delays { new_key_refusals: 2, honour_revoked: 2 });
        let mut made = Propagation::begin(Delays { new_key_refusals: 0, ..some });
        assert_eq!(made.standing(true, none), Standing::Revoked);
        made.revoke(some);
        assert_eq!(made.standing(false, none), Standing::Live);
    }
}
