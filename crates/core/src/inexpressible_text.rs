//! What an [`Inexpressible`] says to people.

use std::fmt;

use crate::{Inexpressible, PermissionSet};

/// How many permissions the line itself lists.
const FEW: usize = 3;

/// The longest line of a text for people, in characters.
const LINE_CHARS: usize = 100;

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No grant opens `unopened` at all, so no wider request would help there.
        let exactly = if self.is_exact() && self.unopened().is_empty() { "exactly " } else { "" };
        write!(f, "{} cannot grant {exactly}{}: ", self.table(), self.needed().comma_separated())?;
        self.write_reason(f)?;
        if !f.alternate() {
            return Ok(());
        }
        self.write_details(f)?;
        match self.next_step() {
            Some(step) => write!(f, "\n  {step}"),
            None => Ok(()),
        }
    }
}

impl Inexpressible {
    /// Writes one clause for each reason.
    fn write_reason(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let unopened = self.unopened() - self.admin_only();
        if !unopened.is_empty() {
            write!(f, "no grant opens {}", unopened.comma_separated())?;
            separator = "; ";
        }
        if !self.admin_only().is_empty() {
            write!(f, "{separator}only admin keys have {}", self.admin_only().comma_separated())?;
            separator = "; ";
        }
        if self.too_wide().is_empty() {
            return Ok(());
        }
        let (grants, open) = match self.too_wide().len() {
            1 => ("grant", "opens"),
            _ => ("grants", "open"),
        };
        write!(f, "{separator}the narrowest {grants}, {}, also {open} ", self.too_wide_names())?;
        match self.beyond().len() {
            0..=FEW => write!(f, "{}", self.beyond().comma_separated()),
            many => write!(f, "{many} other permissions"),
        }
    }

    /// What `{:#}` adds to the line before the next step.
    pub(crate) fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.beyond().len() > FEW {
            write_list(f, &format!("{} also opens", self.too_wide_names()), self.beyond())?;
        }
        if !self.escalation().is_empty() {
            let escalation = self.escalation().comma_separated();
            write!(
                f,
                "\n  {escalation} cannot be tolerated, because it lets a key issue wider keys"
            )?;
        }
        if self.next_step().is_none() && self.admin_only().is_empty() {
            let grantable = self.table().reach() - PermissionSet::ESCALATING;
            write_list(f, &format!("{} can grant", self.table()), grantable)?;
        }
        Ok(())
    }

    fn too_wide_names(&self) -> String {
        let names: Vec<_> = self.too_wide().iter().map(|grant| grant.name()).collect();
        names.join(" and ")
    }
}

/// Writes a line that ends in a list, which is broken into further lines if it is long.
fn write_list(f: &mut fmt::Formatter<'_>, lead: &str, set: PermissionSet) -> fmt::Result {
    let line = format!("  {lead} {}", set.comma_separated());
    if line.chars().count() <= LINE_CHARS {
        return write!(f, "\n{line}");
    }
    write!(f, "\n  {lead}")?;
    let mut column = LINE_CHARS;
    for (i, permission) in set.iter().enumerate() {
        if i > 0 {
            f.write_str(",")?;
        }
        // The comma after it counts too.
        let chars = " ,".len() + permission.as_str().len();
        if column + chars > LINE_CHARS {
            f.write_str("\n   ")?;
            column = "   ".len();
        }
        write!(f, " {permission}")?;
        column += chars;
    }
    Ok(())
}
