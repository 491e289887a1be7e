//! `migrate`: Move keys to another account

mod args;
mod batch;
mod folder;
mod outcome;
mod plan;
mod selection;
mod show;

use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::session::Session;

pub(crate) use args::Args;
use folder::Folder;
use outcome::{Fate, Line};
use selection::{Between, Selection};

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let wishes = args.wishes()?;
    let folder = Folder::parse(&args.to)?;
    if !args.dry_run {
        ask::check(args.yes)?;
    }
    let managed = selection::open(args, session).await?;
    let between = Between::of(&managed);
    let Selection { keys, moved } = between.select(args, &managed, output).await?;
    for key in &moved {
        Line::of(key, Fate::AlreadyMoved, between).print(output);
    }
    if keys.is_empty() {
        output.note(format_args!("no key is left to move from {}", between.from.shown()));
        return Ok(Exit::Done);
    }
    let moves = plan::plan(keys, between, &wishes, &folder, &managed).await?;
    let staying = moves.iter().filter(|it| it.verdict.is_err()).count();
    if args.dry_run {
        show::print(&moves, between, output);
        output.note("nothing was changed");
        return outcome::without_moving(staying, moves.len());
    }
    let interrupt = Interrupt::listen(output);
    let question = show::before_question(&moves, between, &wishes, args.yes, output);
    if staying < moves.len() {
        interrupt.while_asking(|| ask::consent(&question, args.yes))?;
    }
    let done = batch::run(moves, between, wishes.overlap, &managed, &interrupt, output).await;
    if done.needs_worker {
        managed.warn_without_worker(output).await?;
    }
    done.end(interrupt.is_requested(), output)
}
