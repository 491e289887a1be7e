use std::fmt;

/// The rule that the grants of a table break, and the grants that break it.
///
/// Returned by [`PermissionTable::check`](crate::PermissionTable::check). In a `static` or `const`,
/// the compiler reports the same text.
///
/// ```
/// use pinning_keys_core::{Grant, Permission, PermissionTable};
///
/// static GRANTS: [Grant; 2] = [
///     Grant::new("a", &[Permission::PinsList, Permission::PinsAddFile]),
///     Grant::new("b", &[Permission::PinsList, Permission::PinsRemove]),
/// ];
/// let fault = PermissionTable::check("example", "grants", &GRANTS).unwrap_err();
/// assert_eq!(fault.to_string(), "grants a and b overlap, and neither includes the other");
/// assert_eq!(fault.grants(), ["a", "b"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFault {
    rule: Rule,
    names: [&'static str; 3],
}

/// A rule that is broken. The names are those of a [`TableFault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    ProviderId,
    ProviderIsArea,
    TableName,
    TooMany,
    OpensNothing,
    SameName,
    Order,
    Overlap,
    OddName,
    OddWireNames,
    SameWireNames,
    PartOfTwin,
    CompletedByOthers,
    LacksImplied,
    EscalatesUnsaid,
}

impl TableFault {
    pub(crate) const fn of_table(rule: Rule) -> Self {
        Self { rule, names: [""; 3] }
    }

    pub(crate) const fn of_grant(rule: Rule, grant: &'static str) -> Self {
        Self { rule, names: [grant, "", ""] }
    }

    pub(crate) const fn of_grants(rule: Rule, one: &'static str, other: &'static str) -> Self {
        Self { rule, names: [one, other, ""] }
    }

    /// With the wire name that explains the fault.
    pub(crate) const fn with_wire_name(mut self, name: &'static str) -> Self {
        self.names[2] = name;
        self
    }

    /// The names of the grants that break the rule; none if the rule is about the table itself.
    pub fn grants(&self) -> Vec<&'static str> {
        self.names[..2].iter().copied().filter(|name| !name.is_empty()).collect()
    }

    /// The text, in a form that a constant can have.
    pub(crate) const fn text(&self) -> Text {
        let [a, b, wire_name] = self.names;
        let text = Text::EMPTY;
        match self.rule {
            Rule::ProviderId => {
                text.and("a provider's id must consist of 1 to 32 of a-z, 0-9 and -")
            }
            Rule::ProviderIsArea => text.and("a provider's id is the first word of a permission"),
            Rule::TableName => {
                text.and("a table's name must consist of 1 to 32 of a-z, 0-9 and -")
            }
            Rule::TooMany => text.and("a table has at most 64 grants"),
            Rule::OpensNothing => {
                text.and("grant ").and(a).and(" opens nothing, and is not marked as native")
            }
            Rule::SameName => text.and("two grants have the same name, ").and(a),
            Rule::Order => {
                text.and("grant ").and(b).and(" comes after ").and(a).and(", which includes it")
            }
            Rule::Overlap => text
                .and("grants ")
                .and(a)
                .and(" and ")
                .and(b)
                .and(" overlap, and neither includes the other"),
            Rule::OddName => text.and("the name of a grant is not visible ASCII"),
            Rule::OddWireNames => text
                .and("grant ")
                .and(a)
                .and(" has a wire name that is not visible ASCII, or that appears twice"),
            Rule::SameWireNames => {
                text.and("grants ").and(a).and(" and ").and(b).and(" have the same wire names")
            }
            Rule::PartOfTwin => text
                .and("grants ")
                .and(a)
                .and(" and ")
                .and(b)
                .and(" open the same, and one has all wire names of the other"),
            Rule::CompletedByOthers => text
                .and("a key without grant ")
                .and(a)
                .and(" could have it, because each of its wire names belongs to other grants too, such as ")
                .and(b),
            Rule::LacksImplied => text
                .and("grant ")
                .and(a)
                .and(" implies what ")
                .and(b)
                .and(" opens, but is sent without ")
                .and(wire_name),
            Rule::EscalatesUnsaid => {
                text.and("grant ").and(a).and(" is marked as escalating, which only a native grant can be")
            }
        }
    }
}

impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

impl std::error::Error for TableFault {}

/// A text that grows in a constant, where nothing can be formatted. A question mark stands for a
/// part that does not fit.
pub(crate) struct Text {
    bytes: [u8; 320],
    length: usize,
}

impl Text {
    const EMPTY: Self = Self { bytes: [0; 320], length: 0 };

    const fn and(mut self, part: &str) -> Self {
        // A part is kept whole or left out, so that the text stays UTF-8.
        let fits = self.length + part.len() <= self.bytes.len();
        let part = if fits { part.as_bytes() } else { b"?" };
        let mut i = 0;
        while i < part.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = part[i];
            self.length += 1;
            i += 1;
        }
        self
    }

    pub(crate) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "the grants break a rule of tables",
        }
    }
}
