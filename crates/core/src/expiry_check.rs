//! The check of an expiry before anything is sent.

use std::time::{Duration, SystemTime};

use crate::{Error, Expiry, IssuerProfile};

/// The next step if the profile has no hint.
const NO_EXPIRY_STEP: &str = "omit the expiry, and revoke the key yourself";

impl IssuerProfile {
    pub(crate) fn check_expiry(&self, expiry: Expiry, now: SystemTime) -> Result<(), Error> {
        if !self.supports_expiry() {
            let hint = self.expiry_hint().unwrap_or(NO_EXPIRY_STEP);
            return Err(self.unsupported("setting when a key expires").with_next_step(hint));
        }
        if expiry == Expiry::after(Duration::ZERO) {
            return Err(self.invalid("the expiry is zero").with_next_step(
                "set a longer expiry, or leave it out for a key that works until it is revoked",
            ));
        }
        let Some(remaining) = expiry.remaining(now) else {
            return Err(self
                .invalid(format!("the expiry is in the past: {expiry}"))
                .with_next_step("set a time in the future, and check the clock of this machine"));
        };
        if let Some(most) = self.max_expiry().filter(|most| remaining > *most) {
            let (asked, most) = (Rounded(remaining), Rounded(most));
            return Err(self
                .invalid(format!("the expiry of {asked} exceeds the limit of {most}"))
                .with_next_step(format!("set an expiry of at most {most}")));
        }
        let unit = self.expiry_unit();
        if remaining < unit {
            let (asked, unit) = (Rounded(remaining), Rounded(unit));
            return Err(self
                .invalid(format!("the expiry of {asked} is less than the shortest, {unit}"))
                .with_next_step(format!("set an expiry of at least {unit}")));
        }
        if expiry.instant(now).is_none() {
            return Err(self.invalid("the expiry is after the year 9999").with_next_step(
                "set an earlier expiry, or leave it out for a key that works until it is revoked",
            ));
        }
        Ok(())
    }
}

/// A duration for people: in whole seconds, rounded up, if it is at least one.
struct Rounded(Duration);

impl std::fmt::Display for Rounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let has_rest = self.0.subsec_nanos() > 0;
        let seconds = self.0.as_secs().saturating_add(u64::from(has_rest));
        let shown = if seconds > 1 { Duration::from_secs(seconds) } else { self.0 };
        write!(f, "{}", humantime::format_duration(shown))
    }
}
