//! A secret that is set under its name, or in a file under its name and `_file`.

use pinning_keys_core::{Error, is_jwt_shaped};

use crate::Setting;
use crate::credentials::SecretFrom;
use crate::misconfigured::misconfigured;

impl Setting {
    /// Sets a secret from the setting `name`, which is the secret's name, or that name and `_file`
    /// for the path of a file that contains the secret.
    ///
    /// This is for secrets under an adapter's own setting names, which a
    /// [`NamedCredential`](crate::NamedCredential) brings to the client. [`ApiSettings`] sets
    /// `jwt`, `api_key` and `api_secret`.
    ///
    /// [`ApiSettings`]: crate::ApiSettings
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    /// use pinning_keys_http::credentials::SecretFrom;
    ///
    /// let mut key_id = None;
    /// Setting::from("/run/secrets/key-id").secret_into("key_id_file", &mut key_id)?;
    /// assert!(matches!(key_id, Some(SecretFrom::File(_))));
    /// let error = Setting::from("0012ab").secret_into("key_id", &mut key_id).unwrap_err();
    /// assert_eq!(error.to_string(), "key_id is set twice");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] as for [`secret`](Self::secret) and
    /// [`secret_file`](Self::secret_file), if the path is a JWT, and if the secret is already set.
    ///
    /// [`ErrorKind::Configuration`]: pinning_keys_core::ErrorKind::Configuration
    pub fn secret_into(self, name: &str, secret: &mut Option<SecretFrom>) -> Result<(), Error> {
        set_secret(secret, name, self, secret_name(name))
    }
}

/// Sets a secret that is not set yet. A JWT instead of a path belongs in the setting `jwt_name`.
pub(crate) fn set_secret(
    place: &mut Option<SecretFrom>,
    name: &str,
    value: Setting,
    jwt_name: &str,
) -> Result<(), Error> {
    let secret_name = secret_name(name);
    let in_file = name != secret_name;
    let secret = if in_file { secret_file(name, value, jwt_name)? } else { value.secret(name)? };
    if place.is_some() {
        let file_name = format!("{secret_name}_file");
        let [text, file] = [secret_name, &file_name].map(with_variable);
        return Err(misconfigured(format!("{secret_name} is set twice"))
            .with_next_step(format!("set only one of {text} and {file}")));
    }
    *place = Some(secret);
    Ok(())
}

/// The file that holds a secret, unless the path is a JWT that was set in its place.
fn secret_file(name: &str, value: Setting, jwt_name: &str) -> Result<SecretFrom, Error> {
    let secret = value.secret_file(name)?;
    match &secret {
        SecretFrom::File(path) if path.to_str().is_some_and(is_jwt_shaped) => {
            let step = format!("set {} to the JWT instead", with_variable(jwt_name));
            Err(misconfigured(format!("{name} is a JWT, not the path of a file"))
                .with_next_step(step))
        }
        _ => Ok(secret),
    }
}

/// The name of the secret that a setting holds, or holds in a file.
pub(crate) fn secret_name(name: &str) -> &str {
    name.strip_suffix("_file").unwrap_or(name)
}

/// A setting and the environment variable that sets it.
pub(crate) fn with_variable(name: &str) -> String {
    format!("{name} (PINNING_KEYS_{})", name.to_uppercase())
}
