//! How a text is meant, which decides its colour.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    /// It is as it was hoped for.
    Good,
    /// It should not be.
    Bad,
    /// It deserves a look.
    Notable,
    /// It matters less, such as a label.
    Dim,
    /// The eye should find it first.
    Strong,
}

impl Tone {
    /// The text in this tone. The colour vanishes on its way to what cannot show it.
    pub(crate) fn paint<T: Display>(self, text: T) -> Painted<T> {
        Painted { tone: self, text }
    }

    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Notable => AnsiColor::Yellow.on_default(),
            Self::Dim => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
        }
    }
}

pub(crate) struct Painted<T> {
    tone: Tone,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.tone.style();
        write!(f, "{style}{}{style:#}", self.text)
    }
}
