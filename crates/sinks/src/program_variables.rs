//! Variables that change how programs run.

const NAMES: [&str; 9] = [
    "BASH_ENV",
    "ENV",
    "IFS",
    "NODE_OPTIONS",
    "PATH",
    "PERL5OPT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYOPT",
];

/// The variables of dynamic linkers.
const PREFIXES: [&str; 2] = ["DYLD_", "LD_"];

/// Whether a variable, in any case, changes how programs run, such as `PATH` and `LD_PRELOAD`. A
/// secret in one breaks them, and some print its value in an error.
///
/// ```
/// use pinning_keys_sinks::is_program_variable;
///
/// assert!(is_program_variable("LD_PRELOAD") && is_program_variable("Path"));
/// assert!(!is_program_variable("PINATA_JWT"));
/// ```
#[must_use]
pub fn is_program_variable(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.contains(&&*name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
