//! Numbers for generated tests.

use pinning_keys_lifecycle::KeyState;

/// Numbers that look random (xorshift).
#[derive(Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    pub(crate) fn chance(&mut self) -> bool {
        self.below(2) == 0
    }

    pub(crate) fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance().then(|| value(self))
    }

    pub(crate) fn state(&mut self) -> KeyState {
        KeyState::ALL[usize::try_from(self.below(8)).unwrap()]
    }

    pub(crate) fn signed_below(&mut self, end: i64) -> i64 {
        self.below(end.unsigned_abs()).cast_signed()
    }
}
