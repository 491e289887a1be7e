//! The findings of a run, as a text that can be attached to a bug.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::Method;

use crate::recorder::Exchange;

/// The start of the answer if a case of the conformance suite failed.
pub(crate) const BROKEN: &str = "BROKEN";

/// One question and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) question: &'static str,
    pub(crate) answer: String,
}

impl Finding {
    pub(crate) fn new(question: &'static str, answer: impl Into<String>) -> Self {
        Self { question, answer: answer.into() }
    }
}

pub(crate) struct Report {
    /// Provider and table.
    pub(crate) at: String,
    pub(crate) findings: Vec<Finding>,
    /// The conformance suite's report in Markdown, if it ran.
    pub(crate) conformance: Option<String>,
    pub(crate) exchanges: Vec<Exchange>,
    /// The names of keys that are or may be left.
    pub(crate) left: Vec<String>,
}

impl Report {
    /// The answer to a question.
    pub(crate) fn answer(&self, question: &str) -> &str {
        let mut findings = self.findings.iter();
        findings.find(|finding| finding.question == question).map_or("", |finding| &finding.answer)
    }

    /// The number of keys that were or may have been created.
    pub(crate) fn made(&self) -> usize {
        let made = |exchange: &&Exchange| {
            exchange.method == Method::POST && exchange.status.is_none_or(|status| status < 300)
        };
        self.exchanges.iter().filter(made).count()
    }

    /// The cases of the conformance suite that failed.
    pub(crate) fn broken(&self) -> Vec<&Finding> {
        self.findings.iter().filter(|finding| finding.answer.starts_with(BROKEN)).collect()
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("# Live run at {}\n\n", self.at);
        let version = env!("CARGO_PKG_VERSION");
        writeln!(text, "pinning-keys {version}. This report contains no secret: each text of an answer is replaced by its kind.\n").unwrap();
        writeln!(text, "| question | answer |\n|---|---|").unwrap();
        for Finding { question, answer } in &self.findings {
            writeln!(text, "| {question} | {} |", answer.replace('|', "/").replace('\n', " "))
                .unwrap();
        }
        writeln!(text, "\n## Keys\n\n{} created, {} left", self.made(), self.left.len()).unwrap();
        for name in &self.left {
            writeln!(text, "* LEFT BEHIND, revoke it by hand: `{name}`").unwrap();
        }
        if let Some((_, table)) = self.conformance.as_ref().and_then(|it| it.split_once('\n')) {
            writeln!(text, "\n## Conformance\n{}", table.trim_end()).unwrap();
        }
        writeln!(text, "\n## Requests\n\n| request | status | times |\n|---|---|---|").unwrap();
        for (request, times) in counted(&self.exchanges) {
            writeln!(text, "| {request} | {times} |").unwrap();
        }
        text
    }
}

fn counted(exchanges: &[Exchange]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for exchange in exchanges {
        let status = exchange.status.map_or("no answer".to_owned(), |status| status.to_string());
        let to = exchange.location.as_ref().map_or(String::new(), |to| format!(" → `{to}`"));
        let line = format!("`{} {}`{to} | {status}", exchange.method, exchange.target);
        *counts.entry(line).or_default() += 1;
    }
    counts
}
