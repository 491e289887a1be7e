/// Generates the assumptions about a provider from one list, so that no switch can lack a setter,
/// a default or a name.
macro_rules! switches {
    (
        $(#[doc = $about:literal])+
        pub struct $assumptions:ident;
        $( $(#[doc = $doc:literal])+ $name:ident: $kind:ty = $default:expr; )+
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(
            clippy::struct_excessive_bools,
            reason = "each switch is an independent fact about a server, not a state of ours"
        )]
        pub struct $assumptions {
            $( pub(crate) $name: $kind, )+
        }

        impl Default for $assumptions {
            fn default() -> Self {
                Self { $( $name: $default, )+ }
            }
        }

        impl $assumptions {
            /// The names of all switches; each is also a setter.
            ///
            /// ```
            #[doc = concat!("use pinning_keys_emulator::", stringify!($assumptions), ";")]
            ///
            #[doc = concat!("assert!(", stringify!($assumptions), "::NAMES.contains(&\"list_order\"));")]
            /// ```
            pub const NAMES: &'static [&'static str] = &[ $( stringify!($name), )+ ];

            $(
                $(#[doc = $doc])+
                #[must_use]
                pub fn $name(mut self, value: $kind) -> Self {
                    self.$name = value;
                    self
                }
            )+

            #[cfg(test)]
            fn settings(&self) -> Vec<(&'static str, String)> {
                vec![ $( (stringify!($name), format!("{:?}", self.$name)), )+ ]
            }
        }
    };
}

pub(crate) use switches;

/// The order in which keys are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListOrder {
    /// The key created last comes first.
    NewestFirst,
    /// The key created first comes first.
    OldestFirst,
}

/// Checks the table of switches under this heading of the README: it lists each switch with its
/// default, and nothing else.
#[cfg(test)]
pub(crate) fn assert_in_readme(heading: &str, settings: &[(&str, String)]) {
    let readme = include_str!("../README.md");
    let (_, section) = readme.split_once(heading).unwrap();
    let section = section.split("\n#").next().unwrap();
    for (name, default) in settings {
        let row = format!("| `{name}` | `{default}` |");
        assert!(section.contains(&row), "README.md lacks a row that begins {row}");
    }
    let rows = section.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, settings.len(), "README.md lists an unknown switch");
}
