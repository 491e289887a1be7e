//! The scopes that cases request, derived from the provider's table.

use pinning_keys_core::{Grant, Permission, PermissionSet, PermissionTable, ScopeRequest};

use crate::facts::Facts;

/// How many random scopes are drawn.
pub(crate) const DRAWN: usize = 8;

/// The bounds of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) needs: PermissionSet,
    pub(crate) prefers: PermissionSet,
    pub(crate) tolerates: PermissionSet,
}

impl Bounds {
    pub(crate) fn request(self) -> ScopeRequest {
        ScopeRequest::needs(self.needs).prefers(self.prefers).tolerates(self.tolerates)
    }

    /// What must be granted, with what that implies.
    pub(crate) fn floor(self) -> PermissionSet {
        closed(self.needs)
    }

    /// What may be granted at most.
    pub(crate) fn ceiling(self) -> PermissionSet {
        closed(self.needs | self.prefers | self.tolerates)
    }
}

/// The smallest grant of the table that does not let its holder create keys. One that opens no
/// permission is used only if there is no other.
pub(crate) fn plain(table: &PermissionTable) -> Option<ScopeRequest> {
    let (native, neutral): (Vec<&Grant>, Vec<_>) =
        table.grants().iter().filter(|grant| !grant.is_escalating()).partition(|it| it.is_native());
    let smallest = neutral.into_iter().map(Grant::opens).min_by_key(|opens| opens.len());
    let by_name = || native.first().map(|grant| ScopeRequest::needs_native(text(table, grant)));
    smallest.map(ScopeRequest::needs).or_else(by_name)
}

/// Requests for each grant that opens no permission and does not let its holder create keys.
pub(crate) fn native(table: &PermissionTable) -> Vec<ScopeRequest> {
    let grants = table.grants().iter().filter(|it| it.is_native() && !it.is_escalating());
    grants.map(|grant| ScopeRequest::needs_native(text(table, grant))).collect()
}

/// A request for a grant of a provider that does not exist.
pub(crate) fn of_nobody() -> ScopeRequest {
    ScopeRequest::needs_native("of-nobody:nothing")
}

/// These grants, as a request names them.
pub(crate) fn names<'a>(
    table: &PermissionTable,
    grants: impl Iterator<Item = &'a Grant>,
) -> Vec<String> {
    grants.map(|grant| text(table, grant)).collect()
}

/// The grant with the provider's id in front.
fn text(table: &PermissionTable, grant: &Grant) -> String {
    format!("{}:{}", table.provider(), grant.name())
}

/// The bounds that the provider can grant and the harness allows.
pub(crate) fn issuable(facts: &Facts, mut all: Vec<Bounds>) -> Vec<Bounds> {
    all.retain(|bounds| {
        let escalates = !bounds.needs.is_disjoint(PermissionSet::ESCALATING);
        let is_expressible = facts.profile.table().translate(&bounds.request()).is_ok();
        is_expressible && (facts.may_escalate || !escalates)
    });
    all
}

/// Each permission that the table can grant, as narrowly as possible.
pub(crate) fn alone(table: &PermissionTable) -> Vec<Bounds> {
    table.reach().iter().filter_map(|permission| narrowest(table, permission)).collect()
}

fn narrowest(table: &PermissionTable, permission: Permission) -> Option<Bounds> {
    let mut grants = table.grants().iter().map(Grant::opens);
    let opens = grants.find(|opens| opens.contains(permission))?;
    let escalating = opens & PermissionSet::ESCALATING;
    // An escalating permission must be requested by name, not along with another one.
    (escalating - permission).is_empty().then(|| Bounds {
        needs: permission.into(),
        prefers: PermissionSet::EMPTY,
        tolerates: opens - escalating,
    })
}

/// Each pair of disjoint grants.
pub(crate) fn pairs(table: &PermissionTable) -> Vec<Bounds> {
    let grants: Vec<_> = table.grants().iter().filter(|grant| !grant.is_native()).collect();
    let mut pairs = Vec::new();
    for (i, one) in grants.iter().enumerate() {
        for other in &grants[..i] {
            if one.opens().is_disjoint(other.opens()) {
                let needs = one.opens() | other.opens();
                pairs.push(Bounds { needs, ..Bounds::default() });
            }
        }
    }
    pairs
}

/// Everything that the table can grant.
pub(crate) fn everything(table: &PermissionTable) -> Bounds {
    Bounds { needs: table.reach(), ..Bounds::default() }
}

/// Whether there are permissions to draw from.
pub(crate) fn can_draw(table: &PermissionTable) -> bool {
    !(table.reach() - PermissionSet::ESCALATING).is_empty()
}

/// The reason to skip a case if there are none.
pub(crate) const NONE_TO_DRAW: &str = "the table has no permission to draw from";

/// Random floors and ceilings, of which half tolerate everything that they may.
pub(crate) fn drawn(table: &PermissionTable, seed: u64) -> Vec<Bounds> {
    let mut chance = Chance(seed);
    let harmless = PermissionSet::ALL - PermissionSet::ESCALATING;
    let reach = table.reach() & harmless;
    (0..DRAWN)
        .map(|i| Bounds {
            needs: chance.some_of(reach, 3),
            prefers: chance.some_of(harmless, 2),
            tolerates: if i % 2 == 0 { harmless } else { chance.some_of(harmless, 2) },
        })
        .filter(|bounds| !bounds.needs.is_empty())
        .collect()
}

/// A permission that the table cannot grant, whatever is tolerated.
pub(crate) fn foreign(table: &PermissionTable) -> Option<Permission> {
    let outside = PermissionSet::ALL - table.reach() - PermissionSet::ESCALATING;
    outside.iter().find(|permission| permission.implies().is_empty())
}

/// A permission that the table can grant only together with others.
pub(crate) fn inseparable(table: &'static PermissionTable) -> Option<Permission> {
    let mut harmless = (table.reach() - PermissionSet::ESCALATING).iter();
    harmless.find(|permission| table.translate(&ScopeRequest::needs(*permission)).is_err())
}

/// The set, and everything that its members imply.
pub(crate) fn closed(set: PermissionSet) -> PermissionSet {
    set.iter().fold(set, |wider, permission| wider | permission.implies())
}

/// Splitmix64: small, and the same on every platform.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Picks each member with a probability of one in `odds`, but at least one member of a set
    /// that is not empty.
    fn some_of(&mut self, set: PermissionSet, odds: u64) -> PermissionSet {
        let drawn: PermissionSet = set.iter().filter(|_| self.next() % odds == 0).collect();
        if drawn.is_empty() { set.iter().take(1).collect() } else { drawn }
    }
}
