//! Times the presets: translating them, and planning them with their bodies.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use pinning_keys_translating::{TABLES, issuer, key_request, presets};

fn main() {
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(700))
        .configure_from_args();
    for table in TABLES {
        let issuer = issuer(table);
        for (name, scope) in presets(table) {
            let request = key_request(scope.clone());
            criterion.bench_function(&format!("translate {table} {name}"), |bencher| {
                bencher.iter(|| table.translate(black_box(&scope)));
            });
            criterion.bench_function(&format!("plan {table} {name}"), |bencher| {
                bencher.iter(|| issuer.plan(black_box(&request)));
            });
        }
    }
    criterion.final_summary();
}
