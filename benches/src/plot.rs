//! The plot of BENCHMARKS.md: what issuing keys costs, as an SVG for light and dark pages.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use crate::issue::{Figures, Run};
use crate::peer::Peer;
use crate::results;
use crate::stats::median;

const AT_ONCE: usize = 64;

const WIDTH: u32 = 820;
const TOP: u32 = 78;
const ROW: u32 = 30;
const BAR: u32 = 18;
/// Where the two columns of bars begin, and the length of their longest bars.
const COLUMNS: [u32; 2] = [250, 540];
const LONGEST: f64 = 200.0;

/// Text and bars take their colours from the page's scheme.
const STYLE: &str = "
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .head { font-weight: 600; }
  .quiet { fill: #59636e; font-size: 12px; }
  .name { text-anchor: end; }
  .ours { font-weight: 600; }
  rect { fill: #afb8c1; }
  rect.ours { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    rect { fill: #545d68; }
    rect.ours { fill: #4493f8; }
  }
";

/// A peer and its two figures.
struct Row {
    peer: Peer,
    keys_a_second: f64,
    cpu_us_a_key: f64,
}

/// Draws the figures of the last run of `issue`, if there are any.
pub(crate) fn draw_to(path: &Path) -> Result<()> {
    if let Some(figures) = results::load::<Figures>("issue")? {
        std::fs::write(path, draw(&rows(&figures)))?;
    }
    Ok(())
}

fn rows(figures: &Figures) -> Vec<Row> {
    let rows = Peer::ALL.into_iter().filter_map(|peer| {
        let of = |figure: fn(&Run) -> f64| median(figures.of(peer, AT_ONCE, 0).map(figure));
        Some(Row {
            peer,
            keys_a_second: of(Run::keys_a_second)?,
            cpu_us_a_key: of(Run::cpu_us_a_key)?,
        })
    });
    rows.collect()
}

fn draw(rows: &[Row]) -> String {
    let height = TOP + ROW * u32::try_from(rows.len()).unwrap_or_default() + 12;
    let most = |figure: fn(&Row) -> f64| rows.iter().map(figure).fold(f64::MIN_POSITIVE, f64::max);
    let (most_keys, most_cpu) = (most(|row| row.keys_a_second), most(|row| row.cpu_us_a_key));

    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">"#
    );
    let _ = writeln!(svg, "<style>{STYLE}</style>");
    let _ = writeln!(
        svg,
        r#"<text id="title" class="title" x="12" y="26">Issuing keys, {AT_ONCE} at a time, on one core</text>"#
    );
    let _ = writeln!(
        svg,
        r#"<text class="quiet" x="12" y="46">against a loopback server that responds at once; see BENCHMARKS.md</text>"#
    );
    for (x, head) in COLUMNS
        .into_iter()
        .zip(["keys per second (longer is better)", "CPU µs/key (shorter is better)"])
    {
        let _ = writeln!(svg, r#"<text class="head" x="{x}" y="{}">{head}</text>"#, TOP - 8);
    }
    for (row, y) in rows.iter().zip((TOP..).step_by(ROW as usize)) {
        let class = if row.peer.baseline().is_some() { "ours" } else { "" };
        let text_y = y + BAR - 4;
        let _ = writeln!(
            svg,
            r#"<text class="name {class}" x="{}" y="{text_y}">{}</text>"#,
            COLUMNS[0] - 10,
            row.peer
        );
        let bars = [
            (row.keys_a_second / most_keys, grouped(row.keys_a_second)),
            (row.cpu_us_a_key / most_cpu, format!("{:.1}", row.cpu_us_a_key)),
        ];
        for (x, (share, label)) in COLUMNS.into_iter().zip(bars) {
            let length = (share * LONGEST).max(1.0);
            let label_x = f64::from(x) + length + 6.0;
            let _ = writeln!(
                svg,
                r#"<rect class="{class}" x="{x}" y="{y}" width="{length:.1}" height="{BAR}" rx="2"/>"#
            );
            let _ = writeln!(svg, r#"<text x="{label_x:.1}" y="{text_y}">{label}</text>"#);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A whole number with thousands separators.
fn grouped(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(["52,735", "999", "1,000"], [52_735.2, 999.0, 1_000.0].map(grouped)[..]);
    }

    #[test]
    fn greatest_figures_have_the_longest_bars() {
        let row = |peer, keys_a_second, cpu_us_a_key| Row { peer, keys_a_second, cpu_us_a_key };
        let svg = draw(&[row(Peer::Pinata, 50_000.0, 20.0), row(Peer::Official, 2_000.0, 500.0)]);
        assert_eq!(svg.matches(r#"width="200.0""#).count(), 2);
        assert!(svg.contains(r#"<rect class="ours" x="540" y="78" width="8.0""#), "{svg}");
    }
}
