//! The outcomes of a trouble in every configuration, as text.

use std::fmt::Write as _;

use pinning_keys::Operation;
use pinning_keys_emulator::Fault;
use pinning_keys_testkit::stand::Configuration;
use tokio::runtime::Builder;

use crate::laws;
use crate::stand::{Often, Stand, Trouble};

/// The operations that are tried during a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Issue,
    List,
    Revoke,
    Verify,
    /// Settling a lost create while lists fail.
    Reconcile,
    /// Revoking a key that is looked up in a list while lists fail.
    LookUp,
}

impl Deed {
    const ALL: [Self; 6] =
        [Self::Issue, Self::List, Self::Revoke, Self::Verify, Self::Reconcile, Self::LookUp];

    /// Whether the trouble affects it.
    fn meets(self, trouble: &Trouble, configuration: Configuration) -> bool {
        let at_pinata = configuration.is_pinata();
        match trouble.fault() {
            Some(Fault::List(_)) => match self {
                Self::List | Self::Reconcile => true,
                Self::LookUp => !at_pinata,
                Self::Issue | Self::Revoke | Self::Verify => false,
            },
            Some(Fault::LateKey { .. } | Fault::TruncatedName { .. }) => self == Self::Issue,
            Some(Fault::LingeringKey { .. }) => self == Self::Revoke,
            _ => !matches!(self, Self::Reconcile | Self::LookUp),
        }
    }

    /// The requests that fail.
    pub(crate) fn operation(self) -> Operation {
        match self {
            Self::Issue => Operation::Issue,
            Self::List | Self::Reconcile | Self::LookUp => Operation::List,
            Self::Revoke => Operation::Revoke,
            Self::Verify => Operation::Verify,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::List => "list",
            Self::Revoke => "revoke",
            Self::Verify => "verify",
            Self::Reconcile => "reconcile",
            Self::LookUp => "look up",
        }
    }

    /// Once and always. Of a list, the second page fails, since the first has no page before it.
    pub(crate) fn how_often(self, trouble: &Trouble) -> Vec<Often> {
        match trouble {
            Trouble::Down => vec![Often::Always],
            Trouble::Fault(Fault::List(_)) if self == Self::List => {
                vec![Often::Nth(2), Often::Always]
            }
            Trouble::Fault(_) => vec![Often::Nth(1), Often::Always],
        }
    }

    /// Tries it, and checks the [`laws`].
    pub(crate) async fn run(self, stand: &Stand, trouble: &Trouble, often: Often) -> String {
        match self {
            Self::Issue => laws::issue(stand, trouble, often).await,
            Self::List => laws::list(stand, trouble, often).await,
            Self::Revoke | Self::LookUp => laws::revoke(stand, self, trouble, often).await,
            Self::Verify => laws::verify(stand, trouble, often).await,
            Self::Reconcile => laws::reconcile(stand, trouble, often).await,
        }
    }
}

/// The part of the table about a trouble.
pub(crate) fn section(trouble: &Trouble) -> String {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let mut text = format!("{}\n", trouble.name());
    for deed in Deed::ALL {
        let mut lines: Vec<Line> = Vec::new();
        for often in deed.how_often(trouble) {
            let mut outcomes = Outcomes::default();
            for (name, configuration) in Configuration::ALL {
                if deed.meets(trouble, configuration) {
                    let stand = Stand::in_memory(configuration);
                    let outcome = runtime.block_on(deed.run(&stand, trouble, often));
                    outcomes.add(name, outcome);
                }
            }
            let often = if often == Often::Always { "always" } else { "once" };
            for (place, outcome) in outcomes.told() {
                match lines
                    .iter_mut()
                    .find(|line| (&line.place, &line.outcome) == (&place, &outcome))
                {
                    Some(line) => line.often.push_str("/always"),
                    None => lines.push(Line { often: often.to_owned(), place, outcome }),
                }
            }
        }
        for Line { often, place, outcome } in lines {
            writeln!(text, "  {:<10} {often:<12} {place:<6}  {outcome}", deed.name()).unwrap();
        }
    }
    text
}

/// A line of the table.
struct Line {
    often: String,
    place: String,
    outcome: String,
}

/// The outcomes and their configurations.
#[derive(Default)]
struct Outcomes(Vec<(String, Vec<&'static str>)>);

impl Outcomes {
    fn add(&mut self, configuration: &'static str, outcome: String) {
        match self.0.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, configurations)) => configurations.push(configuration),
            None => self.0.push((outcome, vec![configuration])),
        }
    }

    /// A line for both providers or for each, and one for each configuration of a provider whose
    /// outcomes differ.
    fn told(self) -> Vec<(String, String)> {
        let at = |provider: &str| {
            let all = Configuration::ALL.map(|(name, _)| name).into_iter();
            all.filter(|name| name.starts_with(provider)).collect::<Vec<_>>()
        };
        let mut lines = Vec::new();
        for (outcome, configurations) in self.0 {
            let place = ["", "pinata", "w3ipfs"].into_iter().find(|p| at(p) == configurations);
            match place {
                Some(place) => {
                    lines.push((if place.is_empty() { "both" } else { place }.to_owned(), outcome));
                }
                None => lines.push((configurations.join("; "), outcome)),
            }
        }
        lines
    }
}
