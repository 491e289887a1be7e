//! Requests as configuration files write them.

use std::fmt;
use std::num::NonZeroU64;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::unknown;
use crate::{Expiry, KeyName, KeyRequest, PermissionSet, ScopeRequest};

const SCOPE_MEMBERS: &[&str] = &["needs", "needs_native", "prefers", "tolerates", "preset"];
const KEY_MEMBERS: &[&str] =
    &["name", "needs", "needs_native", "prefers", "tolerates", "preset", "max_uses", "expiry"];

/// The values of `preset`.
const PRESETS: &[&str] = &["reader", "uploader", "pinner", "manager"];

/// The members of a request that were given.
#[derive(Default)]
struct Members {
    name: Option<KeyName>,
    max_uses: Option<NonZeroU64>,
    expiry: Option<Expiry>,
    preset: Option<String>,
    needs: Option<PermissionSet>,
    needs_native: Option<Vec<String>>,
    prefers: Option<PermissionSet>,
    tolerates: Option<Vec<String>>,
}

impl Members {
    fn read<'de, M: MapAccess<'de>>(
        mut map: M,
        known: &'static [&'static str],
    ) -> Result<Self, M::Error> {
        let mut members = Self::default();
        while let Some(member) = map.next_key::<String>()? {
            match known.iter().find(|known| **known == member) {
                Some(&"name") => fill(&mut members.name, "name", &mut map)?,
                Some(&"max_uses") => fill(&mut members.max_uses, "max_uses", &mut map)?,
                Some(&"expiry") => fill(&mut members.expiry, "expiry", &mut map)?,
                Some(&"preset") => fill(&mut members.preset, "preset", &mut map)?,
                Some(&"needs") => fill(&mut members.needs, "needs", &mut map)?,
                Some(&"needs_native") => {
                    fill(&mut members.needs_native, "needs_native", &mut map)?;
                }
                Some(&"prefers") => fill(&mut members.prefers, "prefers", &mut map)?,
                Some(&"tolerates") => fill(&mut members.tolerates, "tolerates", &mut map)?,
                _ if member == "admin" => {
                    return Err(M::Error::custom(
                        "a request that is read cannot ask for an admin key",
                    ));
                }
                _ => return Err(M::Error::custom(unknown("member", &member, known))),
            }
        }
        Ok(members)
    }

    /// The request that the members ask for. Whoever writes a file must not be able to obtain an
    /// admin key, or one that can issue wider keys, so the request never asks for either.
    fn scope(&mut self) -> Result<ScopeRequest, String> {
        let floor = match (self.preset.take(), self.needs.take(), self.prefers.take()) {
            (Some(name), None, None) => preset(&name)?,
            (Some(_), ..) => {
                return Err("preset replaces needs and prefers; set one or the other".into());
            }
            (None, needs, prefers) => {
                ScopeRequest::needs(needs.unwrap_or_default()).prefers(prefers.unwrap_or_default())
            }
        };
        let escalating = floor.needed() & PermissionSet::ESCALATING;
        if !escalating.is_empty() {
            let escalating = escalating.comma_separated();
            return Err(format!(
                "a request that is read cannot need {escalating}, because it lets a key issue \
                 wider keys"
            ));
        }
        let native = self.needs_native.take().unwrap_or_default().into_iter();
        let floor = native.fold(floor, ScopeRequest::and_needs_native);
        let tolerates = self.tolerates.take().unwrap_or_default().into_iter();
        let request = tolerates.fold(floor, ScopeRequest::tolerates);
        request.check().map_err(|error| error.to_string())?;
        Ok(request)
    }
}

/// Reads the value of a member that may appear once.
fn fill<'de, T: Deserialize<'de>, M: MapAccess<'de>>(
    slot: &mut Option<T>,
    name: &'static str,
    map: &mut M,
) -> Result<(), M::Error> {
    match slot.replace(map.next_value()?) {
        None => Ok(()),
        Some(_) => Err(M::Error::duplicate_field(name)),
    }
}

fn preset(name: &str) -> Result<ScopeRequest, String> {
    Ok(match name {
        "reader" => ScopeRequest::reader(),
        "uploader" => ScopeRequest::uploader(),
        "pinner" => ScopeRequest::pinner(),
        "manager" => ScopeRequest::manager(),
        _ => return Err(unknown("preset", name, PRESETS)),
    })
}

/// Reads `needs`, `prefers` and `tolerates`, or `preset` and `tolerates`. Grants in the words of one
/// provider are in `needs_native`.
///
/// It never yields an admin request, nor one that needs an escalating permission: only code can ask
/// for those. An unknown member, permission or preset is refused, with the nearest known one.
///
/// ```
/// use pinning_keys_core::{Permission, ScopeRequest};
///
/// let request: ScopeRequest = serde_json::from_str(
///     r#"{ "needs": ["pins:add-file"], "tolerates": ["pinata:org:files:write"] }"#,
/// )?;
/// assert_eq!(request, ScopeRequest::uploader().tolerates("pinata:org:files:write"));
///
/// let preset: ScopeRequest = serde_json::from_str(r#"{ "preset": "reader" }"#)?;
/// assert_eq!(preset, ScopeRequest::reader());
/// # Ok::<(), serde_json::Error>(())
/// ```
impl<'de> Deserialize<'de> for ScopeRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scope;

        impl<'de> Visitor<'de> for Scope {
            type Value = ScopeRequest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a scope request, such as needs = [\"pins:list\"]")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<ScopeRequest, M::Error> {
                Members::read(map, SCOPE_MEMBERS)?.scope().map_err(M::Error::custom)
            }
        }

        deserializer.deserialize_map(Scope)
    }
}

/// Writes `needs`, `needs_native`, `prefers` and `tolerates`, or `admin`. A request for an admin key or an escalating
/// permission does not read back.
impl Serialize for ScopeRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_scope(&mut map, self)?;
        map.end()
    }
}

fn write_scope<M: SerializeMap>(map: &mut M, scope: &ScopeRequest) -> Result<(), M::Error> {
    if scope.is_admin() {
        return map.serialize_entry("admin", &true);
    }
    let native: Vec<_> = scope.needed_native().collect();
    if native.is_empty() || !scope.needed().is_empty() {
        map.serialize_entry("needs", &scope.needed())?;
    }
    if !native.is_empty() {
        map.serialize_entry("needs_native", &native)?;
    }
    if !scope.preferred().is_empty() {
        map.serialize_entry("prefers", &scope.preferred())?;
    }
    let tolerated: Vec<_> = scope.tolerated().collect();
    if tolerated.is_empty() { Ok(()) } else { map.serialize_entry("tolerates", &tolerated) }
}

/// Reads `name`, the members of a [`ScopeRequest`], `max_uses`, and `expiry`, which is a duration
/// such as `24h` or a time in RFC 3339 ([`Expiry`]).
///
/// Like a scope request, it never asks for an admin key or an escalating permission.
///
/// ```
/// use pinning_keys_core::KeyRequest;
///
/// let request: KeyRequest = serde_json::from_str(
///     r#"{ "name": "ci-deploy", "needs": ["pins:add-file", "pins:list"], "max_uses": 100 }"#,
/// )?;
/// assert_eq!(request.name().as_str(), "ci-deploy");
/// # Ok::<(), serde_json::Error>(())
/// ```
impl<'de> Deserialize<'de> for KeyRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;

        impl<'de> Visitor<'de> for Key {
            type Value = KeyRequest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key request, with a name and what the key needs")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<KeyRequest, M::Error> {
                let mut members = Members::read(map, KEY_MEMBERS)?;
                let scope = members.scope().map_err(M::Error::custom)?;
                let name = members.name.ok_or_else(|| M::Error::missing_field("name"))?;
                let request = KeyRequest::new(name, scope).map_err(M::Error::custom)?;
                let request = match members.max_uses {
                    Some(uses) => request.with_max_uses(uses),
                    None => request,
                };
                Ok(match members.expiry {
                    Some(expiry) => request.with_expiry(expiry),
                    None => request,
                })
            }
        }

        deserializer.deserialize_map(Key)
    }
}

/// Writes `name`, the members of the [`ScopeRequest`], `max_uses` if there is a limit, and `expiry`
/// if there is one.
impl Serialize for KeyRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.name())?;
        write_scope(&mut map, self.scope())?;
        if let Some(uses) = self.max_uses() {
            map.serialize_entry("max_uses", &uses)?;
        }
        if let Some(expiry) = self.expiry() {
            map.serialize_entry("expiry", &expiry)?;
        }
        map.end()
    }
}
