//! Tables for people, which fit the terminal.
//!
//! Columns that are too wide wrap between words. No word is ever broken, so that a name can be
//! copied; if the columns do not fit even so, each row becomes a heading with labels below it.

use unicode_width::UnicodeWidthStr;

use super::escape::escaped;
use super::tone::Tone;

/// How many blanks are between two columns.
const GAP: usize = 3;

/// How far the labels below a heading are indented.
const INDENT: usize = 2;

/// A text in a table. It may come from outside, and is escaped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self { text: escaped(text.as_ref()), tone: Tone::Plain }
    }

    /// A text that is escaped already, such as the name of a sink.
    pub(crate) fn of_escaped(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    pub(crate) fn with_tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn width(&self) -> usize {
        self.text.width()
    }

    fn widest_word(&self) -> usize {
        words(&self.text).map(UnicodeWidthStr::width).max().unwrap_or_default()
    }

    /// The lines of the text at this width. Only a word can be wider.
    fn lines(&self, width: usize) -> Vec<String> {
        if self.width() <= width {
            return vec![self.text.clone()];
        }
        let mut lines: Vec<String> = Vec::new();
        for word in words(&self.text) {
            match lines.last_mut() {
                Some(line) if line.width() + 1 + word.width() <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// Rows of cells below each other, with or without a header.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    header: Option<Vec<Cell>>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new<C: Into<Cell>>(header: impl IntoIterator<Item = C>) -> Self {
        let strong = |cell: C| cell.into().with_tone(Tone::Strong);
        Self { header: Some(header.into_iter().map(strong).collect()), rows: Vec::new() }
    }

    pub(crate) fn without_header() -> Self {
        Self::default()
    }

    pub(crate) fn push<C: Into<Cell>>(&mut self, row: impl IntoIterator<Item = C>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    /// The lines of the table on a terminal of this width, or anywhere if there is none.
    pub(crate) fn lines(&self, width: Option<usize>) -> Vec<String> {
        match (self.widths(width), &self.header) {
            (Err(_), Some(header)) => self.stacked(header, width),
            (Ok(widths) | Err(widths), _) => {
                self.all_rows().flat_map(|row| row_lines(row, &widths)).collect()
            }
        }
    }

    fn all_rows(&self) -> impl Iterator<Item = &Vec<Cell>> {
        self.header.iter().chain(&self.rows)
    }

    /// The widths of the columns, or the least ones if even they do not fit.
    fn widths(&self, width: Option<usize>) -> Result<Vec<usize>, Vec<usize>> {
        let mut widths = self.columns(Cell::width);
        let Some(available) = width else { return Ok(widths) };
        let least = self.columns(Cell::widest_word);
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > available {
            let columns = widths.iter_mut().zip(&least).filter(|(width, least)| **width > **least);
            match columns.map(|(width, _)| width).max() {
                Some(widest) => *widest -= 1,
                None => return Err(least),
            }
        }
        Ok(widths)
    }

    /// The maximum of each column.
    fn columns(&self, measure: impl Fn(&Cell) -> usize) -> Vec<usize> {
        let mut columns = Vec::new();
        for row in self.all_rows() {
            columns.resize(columns.len().max(row.len()), 0);
            for (column, cell) in columns.iter_mut().zip(row) {
                *column = measure(cell).max(*column);
            }
        }
        columns
    }

    /// The rows below each other, each with its first cell as heading.
    fn stacked(&self, header: &[Cell], width: Option<usize>) -> Vec<String> {
        let label_width = header.iter().skip(1).map(Cell::width).max().unwrap_or_default();
        let mut lines = Vec::new();
        for row in &self.rows {
            let Some((heading, rest)) = row.split_first() else { continue };
            let heading = heading.clone().with_tone(Tone::Strong);
            lines.extend(row_lines(&[heading], &[usize::MAX]));
            let mut labels = Labels::default();
            for (label, cell) in header.iter().skip(1).zip(rest) {
                if !cell.text.is_empty() {
                    labels.push(&format!("{:label_width$}", label.text), cell.clone());
                }
            }
            let narrower = width.map(|width| width.saturating_sub(INDENT));
            lines.extend(labels.lines(narrower).iter().map(|line| format!("{:INDENT$}{line}", "")));
        }
        lines
    }
}

/// The lines of a row. Nothing ends with blanks.
fn row_lines(row: &[Cell], widths: &[usize]) -> Vec<String> {
    let cells: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, width)| cell.lines(*width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    let line = |index: usize| {
        let (mut line, mut blanks) = (String::new(), 0);
        for ((cell, lines), width) in row.iter().zip(&cells).zip(widths) {
            let text = lines.get(index).map_or("", String::as_str);
            if !text.is_empty() {
                line.push_str(&" ".repeat(blanks));
                line.push_str(&cell.tone.paint(text).to_string());
                blanks = 0;
            }
            blanks += width.saturating_sub(text.width()) + GAP;
        }
        line
    };
    (0..height).map(line).collect()
}

/// Texts with a label in front of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels(Table);

impl Labels {
    /// Adds a line. One without a label belongs to the label before it.
    pub(crate) fn push(&mut self, label: &str, text: impl Into<Cell>) {
        self.0.push([Cell::new(label).with_tone(Tone::Dim), text.into()]);
    }

    /// The lines on a terminal of this width, or anywhere if there is none.
    pub(crate) fn lines(&self, width: Option<usize>) -> Vec<String> {
        self.0.lines(width)
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::{Cell, Labels, Table};
    use crate::output::tone::Tone;

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    fn keys() -> Table {
        let mut table = Table::new(["name", "state", "scope"]);
        table.push(["ci-deploy", "live", "pins:list pins:add-file pins:edit-metadata"]);
        table.push(["東京", "revoked", ""]);
        table
    }

    #[test]
    fn columns_are_as_wide_as_their_text_without_a_terminal() {
        assert_eq!(
            plain(&keys().lines(None)),
            [
                "name        state     scope",
                "ci-deploy   live      pins:list pins:add-file pins:edit-metadata",
                "東京        revoked",
            ]
        );
    }

    #[test]
    fn the_widest_column_wraps_between_words() {
        assert_eq!(
            plain(&keys().lines(Some(46))),
            [
                "name        state     scope",
                "ci-deploy   live      pins:list pins:add-file",
                "                      pins:edit-metadata",
                "東京        revoked",
            ]
        );
    }

    #[test]
    fn rows_become_headings_with_labels_if_columns_do_not_fit() {
        assert_eq!(
            plain(&keys().lines(Some(30))),
            [
                "ci-deploy",
                "  state   live",
                "  scope   pins:list",
                "          pins:add-file",
                "          pins:edit-metadata",
                "東京",
                "  state   revoked",
            ]
        );
    }

    #[test]
    fn no_width_panics_or_loses_a_word() {
        for width in 0..120 {
            let lines = plain(&keys().lines(Some(width))).join("\n");
            for word in ["ci-deploy", "revoked", "東京", "pins:list", "pins:edit-metadata"] {
                assert!(lines.contains(word), "{width}: {lines}");
            }
            if width >= 30 {
                assert!(lines.lines().all(|line| line.width() <= width), "{width}: {lines}");
            }
        }
    }

    #[test]
    fn cells_are_escaped_and_coloured() {
        let mut table = Table::without_header();
        table.push([Cell::new("a\u{1b}[2Jb\n::c").with_tone(Tone::Bad), "yes".into()]);
        assert_eq!(table.lines(None), ["\u{1b}[31ma\\u{1b}[2Jb\\u{a}\\u{3a}:c\u{1b}[0m   yes"]);
    }

    #[test]
    fn labels_line_up() {
        let mut labels = Labels::default();
        labels.push("issued", "ci-deploy");
        labels.push("granted", "pins:list pins:add-file");
        labels.push("", "not yet live");
        assert_eq!(
            plain(&labels.lines(Some(28))),
            [
                "issued    ci-deploy",
                "granted   pins:list",
                "          pins:add-file",
                "          not yet live",
            ]
        );
    }
}
