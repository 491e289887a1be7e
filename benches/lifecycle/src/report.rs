//! What was measured: budgets, and figures to compare them with.

use pinning_keys_bench_kit::budget::{Budget, Section};
use pinning_keys_bench_kit::stats::Spread;
use pinning_keys_bench_kit::table::Table;

/// What was measured so far.
pub(crate) struct Report {
    budgets: Vec<Budget>,
    figures: Table,
}

impl Report {
    pub(crate) fn new() -> Self {
        let figures = Table::new(&["the life of a key", "measured"]);
        Self { budgets: Vec::new(), figures }
    }

    /// A figure that must be at most `most`.
    pub(crate) fn at_most(&mut self, what: &str, most: f64, unit: &str, figure: Option<f64>) {
        let shown = |figure: f64| (format!("{}{unit}", rounded(figure)), figure <= most);
        self.budget(what, format!("≤ {}{unit}", rounded(most)), figure.map(shown));
    }

    /// A time in milliseconds whose median must be at most `most`.
    pub(crate) fn time(&mut self, what: &str, most: f64, figure: Option<Spread>) {
        let shown =
            |figure: Spread| (format!("{} ms", rounded(figure.median)), figure.median <= most);
        self.budget(what, format!("< {most} ms"), figure.map(shown));
        self.shown(what, figure, " ms");
    }

    /// A ratio whose median must be at most `most`.
    pub(crate) fn ratio(&mut self, what: &str, most: f64, figure: Option<Spread>) {
        self.budgets.push(Budget::ratio(titled(what), most, figure));
        self.shown(what, figure, " ×");
    }

    /// A share whose median must be at least `least`.
    pub(crate) fn at_least(&mut self, what: &str, least: f64, figure: Option<Spread>) {
        let shown = |figure: Spread| (figure.to_string(), figure.median >= least);
        self.budget(what, format!("≥ {least}"), figure.map(shown));
        self.shown(what, figure, "");
    }

    /// A figure without a budget.
    pub(crate) fn shown(&mut self, what: &str, figure: Option<Spread>, unit: &str) {
        let figure = figure.map_or_else(String::new, |figure| format!("{figure}{unit}"));
        self.figures.row([what.to_owned(), figure]);
    }

    fn budget(&mut self, what: &str, bar: String, figure: Option<(String, bool)>) {
        self.budgets.push(Budget { what: titled(what), bar, figure });
    }

    pub(crate) fn into_section(self) -> Section {
        Section { budgets: self.budgets, text: self.figures.to_string() }
    }
}

/// The name in the summary of all budgets.
fn titled(what: &str) -> String {
    format!("life of a key: {what}")
}

/// At most two decimal places.
fn rounded(figure: f64) -> String {
    let text = format!("{:.2}", figure.max(0.0));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_as_many_places_as_they_need() {
        assert_eq!(["5", "0.5", "1.03", "0"], [5.0, 0.5, 1.031, -0.3].map(rounded)[..]);
    }
}
