//! Budgets, and whether a figure is within them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::stats::Spread;
use crate::table::Table;

/// Whether a budget is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Met,
    Missed,
    NotMeasured,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Met => "met",
            Self::Missed => "MISSED",
            Self::NotMeasured => "not measured",
        })
    }
}

/// A budget, its limit and its figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Budget {
    pub what: String,
    pub bar: String,
    /// The measured figure, and whether it is within the budget.
    pub figure: Option<(String, bool)>,
}

impl Budget {
    /// A figure that must be at most `most`.
    #[must_use]
    pub fn at_most(what: impl Into<String>, most: f64, unit: &str, figure: Option<f64>) -> Self {
        let shown = |figure: f64| {
            let digits = usize::from(most < 100.0 && figure.fract() != 0.0);
            let figure = if figure.abs() < 0.05 { 0.0 } else { figure }; // not "-0.0"
            (format!("{figure:.digits$}{unit}"), figure <= most)
        };
        Self { what: what.into(), bar: format!("≤ {most}{unit}"), figure: figure.map(shown) }
    }

    /// A ratio whose median must be at most `most`.
    #[must_use]
    pub fn ratio(what: impl Into<String>, most: f64, figure: Option<Spread>) -> Self {
        let shown = |figure: Spread| (figure.to_string(), figure.median <= most);
        Self { what: what.into(), bar: format!("≤ {most:.2} ×"), figure: figure.map(shown) }
    }

    #[must_use]
    pub fn is_met(&self) -> bool {
        self.verdict() == Verdict::Met
    }

    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.figure {
            Some((_, true)) => Verdict::Met,
            Some((_, false)) => Verdict::Missed,
            None => Verdict::NotMeasured,
        }
    }
}

/// A table of budgets, and how many are met.
#[must_use]
pub fn show(budgets: &[Budget]) -> String {
    let mut table = Table::new(&["budget", "bar", "measured", ""]);
    for budget in budgets {
        let figure = budget.figure.as_ref().map(|(figure, _)| figure.clone());
        table.row([
            budget.what.clone(),
            budget.bar.clone(),
            figure.unwrap_or_default(),
            budget.verdict().to_string(),
        ]);
    }
    let count = |verdict| budgets.iter().filter(|budget| budget.verdict() == verdict).count();
    let (met, missed) = (count(Verdict::Met), count(Verdict::Missed));
    let left = count(Verdict::NotMeasured);
    format!("{table}\n{met} met, {missed} missed, {left} not measured.")
}

/// What another program has measured, for the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Section {
    pub budgets: Vec<Budget>,
    /// Further figures.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_is_met_up_to_its_limit() {
        let budget = |figure| Budget::at_most("translate", 30.0, " ns", figure);
        assert_eq!(budget(Some(30.0)).verdict(), Verdict::Met);
        assert_eq!(budget(Some(30.1)).verdict(), Verdict::Missed);
        assert_eq!(budget(None).verdict(), Verdict::NotMeasured);
    }

    #[test]
    fn ratio_is_judged_by_its_median() {
        let spread = Spread { median: 1.1, least: 1.0, most: 2.0 };
        assert_eq!(Budget::ratio("issue", 1.10, Some(spread)).verdict(), Verdict::Met);
        let spread = Spread { median: 1.11, ..spread };
        assert_eq!(Budget::ratio("issue", 1.10, Some(spread)).verdict(), Verdict::Missed);
    }

    #[test]
    fn table_counts_the_verdicts() {
        let budget = |figure| Budget::at_most("translate", 30.0, " ns", figure);
        let shown = show(&[budget(Some(25.04)), budget(Some(31.0)), budget(None)]);
        assert!(shown.contains("25.0 ns"), "{shown}");
        assert!(shown.ends_with("1 met, 1 missed, 1 not measured."), "{shown}");
    }
}
