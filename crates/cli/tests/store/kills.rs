//! The program is killed in the middle of `issue`, `rotate`, `apply` and `run --once`. Then the
//! worker runs until nothing is left to do, and every key that works is in somebody's file.
//!
//! The gate kills 40 processes. The long version, which takes about ten minutes on two cores:
//!
//! ```text
//! CLI_KILLS=4000 cargo test -p pinning-keys-cli --test store killed_programs
//! ```
//!
//! The choices are repeatable: a failure names the seed of its world, and `CLI_SEED` repeats that
//! world alone. The moment at which a process is killed is not.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::env;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use pinning_keys::{IssuerConfig, KeyIssuer};
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::store::KeyFilter;
use pinning_keys_lifecycle::{
    Clock as _, KeyManager, KeyState, ManagedKey, ManualClock, SqliteStore,
};
use pinning_keys_sinks::StoredKey;

use crate::support::Stand;

/// How many processes are killed in the gate, and how many in one world.
const KILLS: u64 = 40;
const KILLS_A_WORLD: u64 = 20;

/// A process is killed after at most this many requests, or at another moment.
const REQUESTS: u64 = 6;
const SOON: Duration = Duration::from_millis(5);
const MOMENT: Duration = Duration::from_millis(50);

/// The keys that `apply` looks after.
const DECLARED: u64 = 3;

/// The longest time until everything is settled, and how far time is moved at once.
const LONGEST: Duration = Duration::from_secs(9 * 24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

#[test]
fn killed_programs_leave_no_key_behind_that_nobody_has() {
    let number = |name: &str| env::var(name).ok().map(|it| it.parse::<u64>().expect("a number"));
    let kills = number("CLI_KILLS").unwrap_or(KILLS);
    let seeds = match number("CLI_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..kills.div_ceil(KILLS_A_WORLD),
    };
    let (begun, killed) = ((seeds.end - seeds.start) * KILLS_A_WORLD, AtomicU64::new(0));
    let seeds = Mutex::new(seeds);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, Into::into) {
            scope.spawn(|| {
                loop {
                    let Some(seed) = seeds.lock().expect("no world has failed").next() else {
                        break;
                    };
                    let count = World::new(seed).run();
                    killed.fetch_add(count, Ordering::Relaxed);
                }
            });
        }
    });
    let killed = killed.into_inner();
    println!("{killed} of {begun} processes were killed");
    assert!(killed > begun / 4, "{killed} of {begun} processes were killed");
}

/// An account, a store, and a person who never gives up.
struct World {
    seed: u64,
    random: Random,
    stand: Stand,
    /// The names of all keys that somebody tried to issue.
    names: Vec<String>,
    /// What was killed, and when.
    told: Vec<String>,
    killed: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let stand = Stand::start(Emulator::builder().seed(seed), |_| Vec::new());
        let pinata = stand.emulator().pinata();
        let config = format!(
            "profile = \"main\"\n[profiles.main]\nprovider = \"pinata\"\nbase_url = {:?}\n\
             jwt = {:?}\nrequests_per_minute = 60000000\n",
            pinata.base_url(),
            pinata.jwt()
        );
        stand.write_private(".config/pinning-keys/config.toml", &config);
        let world = Self {
            seed,
            random: Random(seed),
            stand,
            names: Vec::new(),
            told: Vec::new(),
            killed: 0,
        };
        world.declare("reader");
        world
    }

    /// Returns how many processes were killed: some end before.
    fn run(mut self) -> u64 {
        for number in 0..KILLS_A_WORLD {
            let line = self.line(number);
            self.kill(&line);
        }
        let clock = ManualClock::at(SystemTime::now());
        self.stand.emulator().set_date_header({
            let clock = clock.clone();
            move || Some(clock.now())
        });
        let manager = self.manager(&clock);
        self.settle(&manager, &clock);
        // A new key of a rotation that may have been delivered works until a later rotation.
        for key in self.rows(&manager).iter().filter(|key| key.state() == KeyState::Undelivered) {
            let name = key.holder();
            if !name.starts_with("declared") {
                self.stand.run(&format!("rotate {name} --to file:{name}.json")).exits(0);
            }
        }
        self.stand.run("apply --yes").exits(0);
        self.settle(&manager, &clock);
        self.stand.run("run --once").exits(0);
        self.stand.run("status --exit-code").exits(0);
        self.stand.run("apply --yes --exit-code").exits(0);
        self.check(&self.rows(&manager));
        self.killed
    }

    /// Declares keys with this scope.
    fn declare(&self, preset: &str) {
        let key = |number| {
            format!(
                "[[key]]\nname = \"declared-{number}\"\nprofile = \"main\"\npreset = {preset:?}\n\
                 to = \"file:declared-{number}.json\"\n"
            )
        };
        self.stand.write("keys.toml", &(0..DECLARED).map(key).collect::<String>());
    }

    /// What is killed next.
    fn line(&mut self, number: u64) -> String {
        match self.random.number(8) {
            0..=2 => {
                self.names.push(format!("key-{number}"));
                format!("issue key-{number} --preset reader --to file:key-{number}.json")
            }
            3..=4 if !self.names.is_empty() => {
                let name = self.random.choose(&self.names);
                let overlap = self.random.choose(&["", " --overlap 1h"]);
                format!("rotate {name} --to file:{name}.json{overlap}")
            }
            7 => "run --once".to_owned(),
            _ => {
                let preset = *self.random.choose(&["reader", "manager"]);
                self.declare(preset);
                "apply --yes".to_owned()
            }
        }
    }

    /// Starts the program, and kills it at a request or at any other moment, or lets it end.
    fn kill(&mut self, line: &str) {
        let mut command = self.stand.command(line.split(' '));
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let before = self.stand.emulator().requests();
        let mut child = command.spawn().expect("the program starts");
        if self.random.number(3) == 0 {
            let time = self.random.time(MOMENT);
            self.told.push(format!("{line}, killed after {time:?}"));
            thread::sleep(time);
        } else {
            let (request, time) = (1 + self.random.number(REQUESTS), self.random.time(SOON));
            self.told.push(format!("{line}, killed {time:?} after request {request}"));
            let has_sent = || self.stand.emulator().requests() - before >= request;
            while !has_sent() && is_running(&mut child) {
                thread::yield_now();
            }
            thread::sleep(time);
        }
        self.killed += u64::from(is_running(&mut child));
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().expect("the program ends");
    }

    /// The library on the same store, with another clock.
    fn manager(&self, clock: &ManualClock) -> KeyManager {
        let vars = self.stand.emulator().pinata().vars();
        let issuer: Arc<dyn KeyIssuer> =
            IssuerConfig::from_vars(vars).and_then(IssuerConfig::build).expect("an issuer");
        let path = self.stand.home().join(".local/state/pinning-keys/keys.db");
        self.stand.block_on(async {
            let store = SqliteStore::options().clock(clock.clone()).open(path).await;
            let builder = KeyManager::builder(store.expect("the store opens"));
            builder.account("main", issuer).build().await.expect("a manager")
        })
    }

    fn rows(&self, manager: &KeyManager) -> Vec<ManagedKey> {
        let all = KeyFilter::default();
        self.stand.block_on(manager.list(&all, None, 1000)).expect("the store works")
    }

    /// Lets the worker run, and time pass, until nothing is left to do.
    fn settle(&self, manager: &KeyManager, clock: &ManualClock) {
        let began = clock.now();
        loop {
            let tick = self.stand.block_on(manager.run_due(100)).expect("the store works");
            assert!(tick.errors().is_empty(), "{tick:?}");
            let rows = self.rows(manager);
            if rows.iter().all(|key| is_settled(key, clock.now())) {
                return;
            }
            let passed = clock.now().duration_since(began).expect("time passes");
            assert!(passed < LONGEST, "not settled: {rows:#?}");
            let wait = tick.next().duration_since(clock.now()).unwrap_or_default();
            clock.advance(wait.clamp(MINUTE, 6 * HOUR));
        }
    }

    /// Checks that what works is what the store says, and that each secret is in its file.
    fn check(&self, rows: &[ManagedKey]) {
        let alive: BTreeSet<String> = self
            .stand
            .emulator()
            .pinata()
            .keys()
            .into_iter()
            .filter(|key| !key.revoked)
            .map(|key| format!("v1:pinata:{}", key.key))
            .collect();
        let live: Vec<_> = rows.iter().filter(|row| row.state() == KeyState::Live).collect();
        let refs = live.iter().flat_map(|row| row.key_refs());
        assert_eq!(refs.map(|it| it.to_string()).collect::<BTreeSet<_>>(), alive, "{rows:#?}");
        for row in live {
            let file = format!("{}.json", row.holder());
            let stored = StoredKey::read(self.stand.home().join(&file)).expect("the key's file");
            let found = stored.key_ref().expect("a reference");
            assert!(row.key_refs().contains(found), "{file} has {found} instead of {row:#?}");
            self.stand.run(&format!("verify --file {file}")).exits(0);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("CLI_SEED={}: {:#?}", self.seed, self.told);
        }
    }
}

fn is_running(child: &mut Child) -> bool {
    child.try_wait().expect("it is our child").is_none()
}

/// Whether nothing happens to a key any more, unless somebody asks for it.
fn is_settled(key: &ManagedKey, now: SystemTime) -> bool {
    match key.state() {
        KeyState::Intended | KeyState::InDoubt | KeyState::Revoking => false,
        KeyState::Live => key.replaced_by().is_none(),
        KeyState::Undelivered => key.replaces().is_some() && key.deliver_by() < now,
        _ => true,
    }
}

/// Choices that a seed repeats: SplitMix64.
struct Random(u64);

impl Random {
    /// A number below `end`.
    fn number(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let number = self.number(from.len().try_into().expect("a short list"));
        &from[usize::try_from(number).expect("it is below a length")]
    }

    fn time(&mut self, below: Duration) -> Duration {
        below / 1000 * u32::try_from(self.number(1000)).expect("it is below 1000")
    }
}
