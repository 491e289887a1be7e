//! Grants that a request names.

use crate::{Grant, Permission, PermissionSet, PermissionTable, ScopeError, ScopeRequest};

/// A provider's grant with the provider's id in front, such as `pinata:org:files:write`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NativeName {
    text: String,
    /// The position of the colon after the provider's id; `None` if the text is no grant. It is
    /// found once, because a request may be translated often.
    colon: Option<usize>,
}

impl NativeName {
    pub(crate) fn read(text: String) -> Self {
        let colon = text.find(':').filter(|colon| {
            let (provider, name) = (&text[..*colon], &text[colon + 1..]);
            // A text that begins like a permission is a misspelt permission.
            !provider.is_empty() && !name.is_empty() && !Permission::has_area(provider)
        });
        Self { text, colon }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn provider(&self) -> Option<&str> {
        self.colon.map(|colon| &self.text[..colon])
    }

    pub(crate) fn name(&self) -> &str {
        self.colon.map_or("", |colon| &self.text[colon + 1..])
    }

    /// The table of this provider's other tables that has the grant, if one does.
    fn sibling(&self, table: &PermissionTable) -> Option<&'static PermissionTable> {
        let siblings = table.siblings().iter().copied();
        siblings.into_iter().find(|sibling| sibling.grant(self.name()).is_some())
    }
}

/// The grants that a request names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamedGrants {
    pub(crate) needed: Vec<NativeName>,
    pub(crate) tolerated: Vec<NativeName>,
}

/// What the grants that a request names mean at a table.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    /// A bit for each of the table's grants that is needed.
    pub(crate) needed: u64,
    /// The permissions that they open.
    pub(crate) opens: PermissionSet,
    /// The permissions that the tolerated grants open.
    pub(crate) tolerated: PermissionSet,
}

impl Named {
    pub(crate) const NOTHING: Self =
        Self { needed: 0, opens: PermissionSet::EMPTY, tolerated: PermissionSet::EMPTY };
}

impl ScopeRequest {
    /// What the named grants mean at `table`.
    pub(crate) fn named_at(&self, table: &'static PermissionTable) -> Result<Named, ScopeError> {
        let mut named = Named::NOTHING;
        named.tolerated = self.native_tolerance(table)?;
        for native in self.native_needs() {
            let is_ours = native.provider() == Some(table.provider());
            let found = table.grants().iter().position(|grant| grant.name() == native.name());
            let Some(i) = found.filter(|_| is_ours) else {
                let sibling = native.sibling(table).filter(|_| is_ours);
                return Err(if is_ours && sibling.is_none() {
                    ScopeError::unknown_grant(native.text(), native.name(), table)
                } else {
                    let text = native.text().to_owned();
                    ScopeError::ForeignGrant { text, table, sibling }
                });
            };
            let grant = &table.grants()[i];
            if grant.is_escalating() && !self.needs_escalation() {
                return Err(ScopeError::EscalatingGrant { text: native.text().to_owned() });
            }
            named.needed |= 1 << i;
            named.opens |= grant.opens();
        }
        Ok(named)
    }

    /// What the native names in `tolerates` open at `table`.
    fn native_tolerance(
        &self,
        table: &'static PermissionTable,
    ) -> Result<PermissionSet, ScopeError> {
        let mut tolerated = PermissionSet::EMPTY;
        for native in self.native_tolerances() {
            if native.provider() != Some(table.provider()) {
                continue;
            }
            let Some(grant) = table.grant(native.name()) else {
                // A grant of the provider's other table has no effect at this one.
                if native.sibling(table).is_some() {
                    continue;
                }
                return Err(ScopeError::unknown_grant(native.text(), native.name(), table));
            };
            self.refuse_escalating(native.text(), grant)?;
            tolerated |= grant.opens();
        }
        Ok(tolerated)
    }

    fn refuse_escalating(&self, text: &str, grant: &Grant) -> Result<(), ScopeError> {
        if !grant.is_escalating() || self.needs_escalation() {
            return Ok(());
        }
        let permissions = grant.opens() & PermissionSet::ESCALATING;
        if permissions.is_empty() {
            return Err(ScopeError::EscalatingGrant { text: text.to_owned() });
        }
        Err(ScopeError::Escalating { permissions, brought_by: Some(text.to_owned()) })
    }

    /// Whether the request is for a key with which the holder can get others.
    fn needs_escalation(&self) -> bool {
        PermissionSet::ESCALATING.is_subset(self.needed())
    }
}
