/// How much of a name the provider records; an extension of a request that creates a key.
#[derive(Clone, Copy)]
pub(crate) struct NameLimit {
    pub(super) chars: usize,
}

impl NameLimit {
    /// The part of the name that is recorded.
    pub(crate) fn cut(self, name: &str) -> String {
        name.chars().take(self.chars).collect()
    }
}
