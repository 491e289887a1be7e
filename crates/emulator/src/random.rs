use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Random-looking values that follow from a seed.
pub(crate) struct Random {
    generator: fastrand::Rng,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { generator: fastrand::Rng::with_seed(seed) }
    }

    /// Lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| self.hex_digit()).collect()
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&mut self) -> String {
        "xxxxxxxx-xxxx-4xxx-Nxxx-xxxxxxxxxxxx"
            .chars()
            .map(|place| match place {
                'x' => self.hex_digit(),
                'N' => *self.generator.choice(&['8', '9', 'a', 'b']).unwrap_or(&'8'),
                fixed => fixed,
            })
            .collect()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.generator.u8(..)).collect()
    }

    /// This many bytes in standard base64.
    pub(crate) fn base64(&mut self, bytes: usize) -> String {
        STANDARD.encode(self.bytes(bytes))
    }

    /// A number below `limit`, which is above 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.generator.usize(..limit)
    }

    fn hex_digit(&mut self) -> char {
        char::from_digit(self.generator.u32(0..16), 16).unwrap_or('0')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_decides_the_values() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            (random.hex(20), random.uuid(), random.base64(16))
        };
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }

    #[test]
    fn values_have_their_shapes() {
        let mut random = Random::new(0);
        let uuid = random.uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
        assert_eq!((random.base64(16).len(), random.base64(32).len()), (24, 44));
    }
}
