//! The examples of each command. A test runs every one of them.

/// What an example does, and the line to type.
type Example = (&'static str, &'static str);

/// The text below a command's flags.
pub(crate) fn text(command: &str) -> String {
    let examples = of(command);
    let title = if examples.len() == 1 { "Example:" } else { "Examples:" };
    let lines = examples.iter().map(|(what, line)| format!("\n  {what}:\n    {line}"));
    std::iter::once(title.to_owned()).chain(lines).collect()
}

pub(crate) fn of(command: &str) -> &'static [Example] {
    match command {
        "plan" => &[
            ("Compare what all providers would grant", "pinning-keys plan --preset reader"),
            (
                "Accept what the provider cannot leave out",
                "pinning-keys plan --needs pins:add-file --tolerates pinata:org:files:write",
            ),
        ],
        "issue" => &[
            (
                "Issue a key and write it to a file",
                "pinning-keys issue dashboard --preset reader --to file:dashboard.json",
            ),
            (
                "Set a variable of an env file",
                "pinning-keys issue dashboard --preset reader --to env:.env#PINNING_JWT",
            ),
            (
                "Show what would be issued",
                "pinning-keys issue dashboard --preset reader --to file:dashboard.json --dry-run",
            ),
        ],
        "list" => &[
            ("List the keys that work", "pinning-keys list --live"),
            ("For a program, one object per line", "pinning-keys list --prefix ci- --json"),
        ],
        "show" => &[("Show a key by its name", "pinning-keys show ci-deploy")],
        "revoke" => &[
            ("Revoke a key by its name", "pinning-keys revoke ci-deploy"),
            (
                "See which old keys a filter matches",
                "pinning-keys revoke --prefix ci- --older-than 30d --dry-run",
            ),
            ("Revoke a leaked token", "pinning-keys revoke --token - < leaked.txt"),
        ],
        "exec" => &[(
            "Run a command with a key that lives as long as it does",
            "pinning-keys exec nightly --preset reader --env PINNING_JWT=jwt -- ./report.sh",
        )],
        "renew" => &[("Extend the lease of a key", "pinning-keys renew ci-deploy")],
        "rotate" => &[
            (
                "Replace a key, and the file that holds it",
                "pinning-keys rotate ci-deploy --to file:ci-deploy.json --overlap 1h",
            ),
            (
                "See what another scope would change",
                "pinning-keys rotate ci-deploy --preset uploader --tolerates pinata:org:files:write --dry-run",
            ),
        ],
        "migrate" => &[
            (
                "See which keys another provider can take over",
                "pinning-keys migrate --all --into w3 --to file:keys --without pins:list-jobs --dry-run",
            ),
            (
                "Move a key to another account",
                "pinning-keys migrate ci-deploy --into w3 --to file:keys --without pins:list-jobs",
            ),
        ],
        "verify" => &[
            ("Check the key in a file", "pinning-keys verify --file ci-deploy.json"),
            ("Check a token from stdin", "pinning-keys verify - < token.txt"),
        ],
        "probe" => &[(
            "Find out what the key in a file can do",
            "pinning-keys probe --file ci-deploy.json",
        )],
        "config" => &[
            ("Show each setting and its source", "pinning-keys config"),
            ("Check the configuration", "pinning-keys config check"),
        ],
        "completions" => &[
            ("In ~/.bashrc", "source <(pinning-keys completions bash)"),
            ("In ~/.zshrc, after compinit", "source <(pinning-keys completions zsh)"),
        ],
        "man" => &[
            ("Read the manual", "pinning-keys man | man -l -"),
            ("Read the page of a command", "pinning-keys man issue | man -l -"),
        ],
        "help" => &[
            ("Explain a command", "pinning-keys help issue"),
            ("List the exit codes", "pinning-keys help exit-codes"),
        ],
        _ => of_worker(command),
    }
}

/// The examples of commands for the worker, the whole store and declared keys.
fn of_worker(command: &str) -> &'static [Example] {
    match command {
        "run" => &[
            ("Do what is due, once a minute from cron", "pinning-keys run --once"),
            ("Run as a service", "pinning-keys run"),
        ],
        "status" => &[
            ("Show what needs attention", "pinning-keys status"),
            ("Check it from a monitoring system", "pinning-keys status --exit-code --quiet"),
        ],
        "audit" => &[
            ("Show what happened to a key", "pinning-keys audit ci-deploy"),
            ("The last week, for a program", "pinning-keys audit --since 7d --json"),
        ],
        "strays" => &[
            ("Show the keys that the store lost", "pinning-keys strays"),
            ("Keep one of them", "pinning-keys strays ci-deploy --adopt"),
        ],
        "forget" => {
            &[("See what forgetting a key means", "pinning-keys forget ci-deploy --dry-run")]
        }
        "diff" => &[
            ("Show what is not as declared", "pinning-keys diff"),
            ("Fail in CI with exit code 2", "pinning-keys diff --exit-code"),
        ],
        "apply" => &[
            ("Issue, rotate and revoke as declared", "pinning-keys apply"),
            (
                "See what pruning undeclared keys would revoke",
                "pinning-keys apply --prune --dry-run",
            ),
        ],
        _ => &[],
    }
}
