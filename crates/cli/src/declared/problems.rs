//! The end of a command that only shows a plan, and the error about keys that cannot be compared or
//! changed.

use std::rc::Rc;

use super::plan::Plan;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::escape::escaped;

/// A problem, and the keys that have it.
struct Problem<'a> {
    names: Vec<&'a str>,
    failure: &'a Rc<Failure>,
}

impl Problem<'_> {
    /// It concerns keys, and not the whole command.
    fn exit(&self) -> Exit {
        match self.failure.exit() {
            Exit::Usage | Exit::Configuration => Exit::Failed,
            exit => exit,
        }
    }

    fn message(&self) -> String {
        format!("{}: {}", escaped(&self.names.join(", ")), self.failure.message())
    }
}

impl Plan<'_> {
    /// How a command ends that only shows the plan. What cannot be compared or changed is an error.
    pub(crate) fn end(&self, exit_code: bool) -> Result<Exit, Failure> {
        let problems = self.problems();
        let exit = problems.iter().map(Problem::exit).fold(Exit::Done, Exit::or_worse);
        let next = |problem: &Problem<'_>| problem.failure.next().to_vec();
        match &problems[..] {
            [] if exit_code && self.has_drift() => Ok(Exit::Changes),
            [] => Ok(Exit::Done),
            [only] => {
                let failure = Failure::new(exit, only.message()).with_only_next(next(only));
                Err(only.failure.kind().into_iter().fold(failure, Failure::with_kind))
            }
            several => {
                let count: usize = several.iter().map(|problem| problem.names.len()).sum();
                let lines = several.iter().flat_map(|problem| {
                    let next = next(problem).into_iter().map(|line| format!("  {line}"));
                    std::iter::once(problem.message()).chain(next)
                });
                let what = format!("{count} keys cannot be compared or changed");
                Err(Failure::new(exit, what).with_only_next(lines))
            }
        }
    }

    /// Each problem once. Keys share that of their account.
    fn problems(&self) -> Vec<Problem<'_>> {
        let mut problems: Vec<Problem<'_>> = Vec::new();
        for step in &self.steps {
            let Some(failure) = &step.problem else { continue };
            let name = step.declared.name.as_str();
            match problems.iter_mut().find(|it| Rc::ptr_eq(it.failure, failure)) {
                Some(problem) => problem.names.push(name),
                None => problems.push(Problem { names: vec![name], failure }),
            }
        }
        problems
    }
}
