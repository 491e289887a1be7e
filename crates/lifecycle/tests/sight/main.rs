//! What the store learns from listings: creates in doubt are settled, ended keys stay ended, keys
//! that the store has lost are adopted, and nothing is concluded from a listing that may be wrong.

mod brief;
mod budget;
mod crashing;
mod names;
mod passing;
mod resuming;
mod settling;
mod stand;
mod stepping;
mod watching;
