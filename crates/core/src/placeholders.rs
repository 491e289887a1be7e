//! The placeholders of a plan, which the account's session fills.

/// The placeholders in the path and the body of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placeholders {
    names: Vec<&'static str>,
    /// Those that are members of the body.
    members: Vec<&'static str>,
    /// The body with its placeholders, if it has any.
    body: String,
}

impl Placeholders {
    /// Adds a placeholder, to the body unless it is in the path. `body` is the body without
    /// placeholders. Declaring one twice changes nothing.
    pub(crate) fn declare(&mut self, name: &'static str, is_in_path: bool, body: &str) {
        if self.names.contains(&name) {
            return;
        }
        self.names.push(name);
        if !is_in_path {
            self.members.push(name);
            let members = self.members.iter().map(|name| format!("\"{name}\":\"{{{name}}}\""));
            self.body = with_members_in_front(members, body).unwrap_or_default();
        }
    }

    pub(crate) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The body with its placeholders; `body` is the one without.
    pub(crate) fn body<'a>(&'a self, body: &'a str) -> &'a str {
        if self.members.is_empty() { body } else { &self.body }
    }

    /// Whether `sent` is `body` with a JSON string for each placeholder.
    pub(crate) fn are_filled(&self, body: &str, sent: &str) -> bool {
        if self.members.is_empty() {
            return body == sent;
        }
        let mut left = sent.strip_prefix('{');
        for (i, name) in self.members.iter().enumerate() {
            let separator = if i == 0 { "" } else { "," };
            let begin = format!("{separator}\"{name}\":\"");
            left = left
                .and_then(|left| left.strip_prefix(&begin))
                .and_then(after_string)
                .filter(|(value, _)| *value != format!("{{{name}}}"))
                .map(|(_, left)| left);
        }
        left.is_some() && left == rest(body).as_deref()
    }
}

/// Whether a text can be the name of a placeholder.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The text of a JSON object with these members, each as `"name":value`, in front of those of
/// `body`. That is the text of a JSON object or empty; `None` if it is another text.
#[doc(hidden)]
pub fn with_members_in_front(
    members: impl IntoIterator<Item = String>,
    body: &str,
) -> Option<String> {
    let rest = rest(body)?;
    let members: Vec<_> = members.into_iter().collect();
    Some(format!("{{{}{rest}", members.join(",")))
}

/// What follows the members in front.
fn rest(body: &str) -> Option<String> {
    let members = match body.trim_ascii_start() {
        "" => "}",
        object => object.strip_prefix('{')?.trim_ascii_start(),
    };
    let separator = if members.starts_with('}') { "" } else { "," };
    Some(format!("{separator}{members}"))
}

/// The content of a JSON string whose opening quotation mark has been read, and the text after it.
fn after_string(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((&text[..end], &text[end + 1..]))
}
