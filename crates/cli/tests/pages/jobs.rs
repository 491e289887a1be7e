//! The jobs for CI systems on the pages: valid YAML, and steps that do what the page says.

use std::fs;

use pinning_keys_testkit::page;
use yaml_rust2::{Yaml, YamlLoader};

use crate::account::Account;
use crate::shell::Shell;

const PAGE: &str = "docs/cli/ci-deploy-key.md";

/// Puts a stand-in for the deploy script of the page into the home folder. It notes how long the
/// token is that it gets.
pub(crate) fn add_deploy_script(shell: &Shell) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = shell.home().join("deploy.sh");
    let script = "#!/bin/sh\n\
                  test -z \"$PINNING_KEYS_JWT$PINNING_KEYS_JWT_FILE\" || exit 9\n\
                  echo \"deployed with a token of ${#PINATA_JWT} characters\" | tee deployed.txt\n";
    fs::write(&path, script).expect("a script can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is executable");
}

fn documents() -> Vec<Yaml> {
    let blocks = page::blocks(&page::read(PAGE), "yaml");
    let load = |block: &String| YamlLoader::load_from_str(block).expect("valid YAML").remove(0);
    blocks.iter().map(load).collect()
}

#[test]
fn github_workflows_deploy_and_leave_no_key() {
    let workflows: Vec<Yaml> =
        documents().into_iter().filter(|document| !document["jobs"].is_badvalue()).collect();
    assert_eq!(workflows.len(), 2);
    for workflow in &workflows {
        let account = Account::new();
        add_deploy_script(account.shell());
        let steps = workflow["jobs"]["deploy"]["steps"].as_vec().expect("steps");
        let mut later = Vec::new();
        for step in steps.iter().filter(|step| is_ours(step)) {
            run_step(step, &account, &mut later);
        }
        assert_deployed(&account);
    }
}

#[test]
fn gitlab_job_deploys_and_leaves_no_key() {
    let jobs = documents();
    let job = jobs.iter().find_map(|document| document["deploy"].as_hash().map(|_| document));
    let job = &job.expect("a GitLab job")["deploy"];
    let account = Account::new();
    add_deploy_script(account.shell());
    account.write("jwt", account.emulator().pinata().jwt());
    for line in job["script"].as_vec().expect("a script") {
        let mut command = account.shell().command("sh");
        command.args(["-ec", line.as_str().expect("a line")]);
        command.env_remove("PINNING_KEYS_JWT").env("PINNING_KEYS_JWT_FILE", "jwt");
        command.env("CI", "true").env("CI_JOB_ID", "4711");
        assert!(command.status().expect("a shell is installed").success(), "{line:?}");
    }
    assert_deployed(&account);
}

/// Whether a step runs here: not those that check out or install something.
fn is_ours(step: &Yaml) -> bool {
    step["run"].as_str().is_some_and(|run| !run.contains("cargo install"))
}

/// Runs a step as GitHub's runner does. `later` holds what earlier steps set for later ones.
fn run_step(step: &Yaml, account: &Account, later: &mut Vec<(String, String)>) {
    let (shell, file) = (account.shell(), "github-env");
    account.write(file, "");
    let mut command = shell.command("bash");
    command.args(["-eo", "pipefail", "-c", step["run"].as_str().expect("a script")]);
    command.env_remove("PINNING_KEYS_PROVIDER").env_remove("PINNING_KEYS_JWT");
    if step["env"].is_badvalue() {
        command.env_remove("PINNING_KEYS_BASE_URL"); // as in an account of one's own
    }
    for (name, value) in step["env"].as_hash().into_iter().flatten() {
        let value = value.as_str().expect("a text");
        let value =
            value.replace("${{ secrets.PINATA_ADMIN_JWT }}", account.emulator().pinata().jwt());
        command.env(name.as_str().expect("a name"), value);
    }
    command.envs(later.iter().map(|(name, value)| (name, value)));
    command.env("CI", "true").env("GITHUB_ACTIONS", "true");
    command.env("GITHUB_RUN_ID", "4711").env("GITHUB_RUN_ATTEMPT", "1");
    command.env("GITHUB_ENV", shell.home().join(file));
    let output = command.output().expect("a shell is installed");
    assert!(output.status.success(), "{step:?}\n{}", String::from_utf8_lossy(&output.stderr));
    let set = fs::read_to_string(shell.home().join(file)).expect("the file is there");
    later.extend(variables(&set));
}

/// The variables that a step sets for later ones: `NAME<<DELIMITER`, the value, the delimiter.
fn variables(file: &str) -> Vec<(String, String)> {
    let (mut lines, mut variables) = (file.lines(), Vec::new());
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect("a name and a delimiter");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        variables.push((name.to_owned(), value.join("\n")));
    }
    variables
}

#[track_caller]
fn assert_deployed(account: &Account) {
    let note = fs::read_to_string(account.shell().home().join("deployed.txt"));
    let note = note.expect("the script has run");
    assert!(note.starts_with("deployed with a token of ") && !note.contains("of 0 "), "{note}");
    assert_eq!((account.emulator().keys_made(), account.emulator().keys_live()), (1, 0));
}
