//! The variables that a command gets the secret in.

use std::ffi::OsString;

use pinning_keys_sinks::{Field, is_program_variable};

use crate::failure::Failure;

/// A variable, and the part of the secret that it is set to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) field: Field,
}

/// Reads the values of `--env`. They are not repeated: one may be a secret by mistake.
pub(super) fn parse(texts: &[OsString]) -> Result<Vec<Variable>, Failure> {
    let mut variables: Vec<Variable> = Vec::new();
    for text in texts {
        let variable = Variable::parse(text.to_str().unwrap_or_default())?;
        let is_same = |other: &Variable| {
            other.name == variable.name
                || cfg!(windows) && other.name.eq_ignore_ascii_case(&variable.name)
        };
        if variables.iter().any(is_same) {
            return Err(Failure::usage("--env sets the same variable twice"));
        }
        variables.push(variable);
    }
    Ok(variables)
}

impl Variable {
    fn parse(text: &str) -> Result<Self, Failure> {
        let Some((name, field)) = text.split_once('=') else {
            return Err(Failure::usage("--env takes a variable and a field")
                .with_next("such as --env PINATA_JWT=jwt"));
        };
        if !is_name(name) {
            return Err(Failure::usage("--env: invalid variable name")
                .with_next("use letters, digits and _; do not start with a digit"));
        }
        if is_program_variable(name) {
            return Err(Failure::usage("--env names a variable that changes how programs run")
                .with_next("choose another name"));
        }
        let field = field.parse().map_err(|error| {
            Failure::usage(format!("--env: {error}"))
                .with_next(format!("the fields are {}", Field::ALL.map(Field::as_str).join(", ")))
        })?;
        Ok(Self { name: name.to_owned(), field })
    }
}

fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(is_part) && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}
