//! Compares the figures of the last runs with the budgets.

use anyhow::{Result, ensure};
use pinning_keys_bench_kit::budget::{Budget, Section, show};

use crate::command_line;
use crate::footprint::{self, BARE, CORE, PINATA, W3IPFS};
use crate::issue::{self, Run};
use crate::many::{self, Provider, Work};
use crate::peer::Peer;
use crate::stats::{Spread, median};
use crate::{results, translate};

/// What core must not depend on.
const NOT_IN_THE_CORE: [&str; 7] =
    ["tokio", "async-std", "smol", "hyper", "reqwest", "ureq", "rustls"];

/// Prints the budgets. If `strict`, fails unless all are met.
pub(crate) fn run(strict: bool) -> Result<()> {
    let budgets = budgets()?;
    println!("\n{}", show(&budgets));
    let all_met = budgets.iter().all(Budget::is_met);
    ensure!(!strict || all_met, "not every budget is met");
    Ok(())
}

/// The budgets with the figures of the last runs.
pub(crate) fn report() -> Result<Option<String>> {
    Ok(Some(show(&budgets()?)))
}

fn budgets() -> Result<Vec<Budget>> {
    let parts = [translating()?, issuing()?, many_keys()?, depending()?, starting()?, living()?];
    Ok(parts.into_iter().flatten().collect())
}

fn translating() -> Result<Vec<Budget>> {
    let figures: Vec<translate::Figure> = results::load("translate")?.unwrap_or_default();
    let most = |presets_alone: bool, figure: fn(&translate::Figure) -> f64| {
        let figures = figures.iter().filter(|f| f.is_preset() || !presets_alone).map(figure);
        Spread::of(figures).map(|spread| spread.most)
    };
    let preset_ns = most(true, |f| f.translate_ns);
    let (translate_ns, plan_ns) = (most(false, |f| f.translate_ns), most(false, |f| f.plan_ns));
    let translate_allocations = most(false, |f| f.translate_allocations as f64);
    let plan_allocations = most(false, |f| f.plan_allocations as f64);
    Ok(vec![
        Budget::at_most("translate, the slowest preset", 30.0, " ns", preset_ns),
        Budget::at_most("translate, the slowest request", 200.0, " ns", translate_ns),
        Budget::at_most("translate, allocations", 0.0, "", translate_allocations),
        Budget::at_most("plan, the slowest request", 1_000.0, " ns", plan_ns),
        Budget::at_most("plan, allocations", 4.0, "", plan_allocations),
    ])
}

fn issuing() -> Result<Vec<Budget>> {
    let figures: issue::Figures = results::load("issue")?.unwrap_or_default();
    let ours = [Peer::Pinata, Peer::W3ipfs];
    let mut bars = Vec::new();
    for at_once in [1, 64] {
        for peer in ours {
            let pair = (peer, peer.baseline().unwrap_or(Peer::BareReqwest));
            let ratio = figures.ratio(pair, at_once, 0, Run::cpu_us_a_key);
            let what = format!("issue, CPU over bare reqwest, {at_once} at a time: {peer}");
            bars.push(Budget::ratio(what, 1.10, ratio));
        }
    }
    for at_once in [1, 64] {
        let pair = (Peer::Official, Peer::Pinata);
        let less = figures.ratio(pair, at_once, 0, Run::cpu_us_a_key);
        bars.push(Budget {
            what: format!("issue, less CPU than the official client, {at_once} at a time"),
            bar: "≥ 20 ×".to_owned(),
            figure: less.map(|less| (format!("{less:.1}"), less.median >= 20.0)),
        });
    }
    for peer in ours {
        let mib = |run: &Run| run.measured.peak_kib as f64 / 1024.0;
        let peak = |peer| median(figures.of(peer, 64, 0).map(mib));
        let baseline = peer.baseline().unwrap_or(Peer::BareReqwest);
        let more = peak(peer).zip(peak(baseline)).map(|(ours, bare)| ours - bare);
        let what = format!("issue, peak memory over bare reqwest: {peer}");
        bars.push(Budget::at_most(what, 2.0, " MiB", more));
    }
    Ok(bars)
}

fn many_keys() -> Result<Vec<Budget>> {
    let batches: Vec<many::Figure> = results::load("bulk")?.unwrap_or_default();
    let listed: Vec<many::Figure> = results::load("list")?.unwrap_or_default();
    let mut bars = Vec::new();
    for (work, name) in [(Work::Issue, "issue"), (Work::Revoke, "revoke")] {
        for provider in Provider::ALL {
            let what = format!("{name} 1,000 at 50 ms, over the ideal: {provider}");
            bars.push(Budget::ratio(what, 1.15, many::over_ideal(&batches, provider, work)));
        }
    }
    for provider in Provider::ALL {
        let what = format!("list 100,000, memory over 1,000: {provider}");
        bars.push(Budget::at_most(what, 2.0, " MiB", many::growth_mib(&listed, provider)));
    }
    Ok(bars)
}

fn depending() -> Result<Vec<Budget>> {
    let figures: footprint::Figures = results::load("footprint")?.unwrap_or_default();
    let mut bars = Vec::new();
    for (id, name) in [(PINATA, "Pinata"), (W3IPFS, "W3IPFS")] {
        let added = figures.added(id, BARE).map(|added| added.len() as f64);
        let what = format!("crates added to reqwest with ring, {name}");
        bars.push(Budget::at_most(what, 10.0, "", added));
    }
    let ratio = figures.build_ratio(PINATA, BARE);
    bars.push(Budget::ratio("clean debug build over reqwest with ring", 1.25, ratio));
    bars.push(Budget {
        what: "no CA certificates needed, custom ones honoured".to_owned(),
        bar: "yes".to_owned(),
        figure: figures.certificates.map(|yes| (if yes { "yes" } else { "no" }.to_owned(), yes)),
    });

    let core = figures.of(CORE);
    let crates = core.map(|core| (core.third_party.len() + core.ours) as f64);
    bars.push(Budget::at_most("core alone, crates in total", 20.0, "", crates));
    let unwanted = core.map(|core| {
        let names = core.third_party.iter().filter_map(|name| name.split(' ').next());
        names.filter(|name| NOT_IN_THE_CORE.contains(name)).count() as f64
    });
    bars.push(Budget::at_most("core alone, async runtimes and HTTP clients", 0.0, "", unwanted));
    let seconds = core.and_then(|core| median(core.debug_seconds.iter().copied()));
    bars.push(Budget::at_most("core alone, clean debug build", 10.0, " s", seconds));
    Ok(bars)
}

fn starting() -> Result<Vec<Budget>> {
    let figures: command_line::Figures = results::load("start")?.unwrap_or_default();
    let over = figures.plan_over_true().map(|spread| spread.median);
    let what = "command line, plan from start to exit, over true";
    Ok(vec![Budget::at_most(what, 20.0, " ms", over)])
}

/// The life of a key, which a separate program measures.
fn living() -> Result<Vec<Budget>> {
    let measured: Option<Section> = results::load("lifecycle")?;
    let none = || vec![Budget { what: "life of a key".into(), bar: String::new(), figure: None }];
    Ok(measured.map_or_else(none, |section| section.budgets))
}
