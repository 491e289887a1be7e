use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeError, ScopeRequest};

static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);

fn main() -> Result<(), ScopeError> {
    println!("{:?}", TABLE.translate(&ScopeRequest::reader())?);
    Ok(())
}
