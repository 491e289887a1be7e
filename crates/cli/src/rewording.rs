//! Texts of the library that name its Rust interface, in words for people at a shell.

/// Parts of texts, and what each becomes.
const WORDS: &[(&str, &str)] = &[
    // Scopes
    (
        "name what the key must be able to do, such as pins:list, in needs",
        "name what the key must be able to do, such as --needs pins:list",
    ),
    (
        "name what it must be able to do in needs; for an admin key, remove prefers and tolerates",
        "name what it must be able to do in --needs; for an admin key, remove --prefers and \
         --tolerates",
    ),
    ("to issue an admin key:  ScopeRequest::admin()", "to issue an admin key:  --admin"),
    (
        "PinataIssuer::sign_upload signs a URL that accepts uploads until it expires",
        "a signed upload URL accepts uploads until it expires (POST /v3/files/sign)",
    ),
    (
        "check the machine's clock, then call confirm_clock()",
        "check the machine's clock, then:  pinning-keys status --confirm-clock",
    ),
    // Rotations
    (
        "set what the new key must be able to do: .scope(…)",
        "name what the new key must be able to do, such as --needs pins:list",
    ),
    (
        "set how often the new key may be used: .max_uses(…)",
        "set how often the new key may be used: --max-uses N",
    ),
    // Accounts
    ("with an issuer of that provider", "with an account of that provider; --profile selects one"),
    ("configure the issuer with another credential", "configure another credential"),
    ("of the account, then trace", "of the account, then try again"),
    ("the issuer itself works with this key", "this program works with this key itself"),
    (
        "trace it with an issuer of the account that it belongs to; if the key is new, trace it \
         again after the propagation time",
        "try the account that it belongs to, which --profile selects; if the key is new, try again \
         in some seconds",
    ),
    // Credentials
    (
        "make a bearer credential of a JWT: Credential::bearer",
        "a JWT is a credential by itself: pass it alone",
    ),
    ("make a credential of each, and trace both", "revoke by each of them alone"),
    (
        ", set the variable itself (such as PINNING_KEYS_JWT), or use a CredentialSource",
        " or set the variable itself, such as PINNING_KEYS_JWT",
    ),
    ("have the credential source return a JWT", "set a JWT instead"),
    (
        "log in again, or use a credential source that fetches a fresh JWT",
        "log in again and set the fresh JWT",
    ),
    ("call probe with ProbeConsent::to_spend_uses()", "add --yes to spend uses of the key"),
    // Keys
    (
        "revoke it by its reference:  issuer.revoke(key.record().key_ref())",
        "revoke it by its reference:  pinning-keys revoke REF",
    ),
    ("parse a stored reference: text.parse::<KeyRef>()", "pass the stored reference unchanged"),
    (
        ", such as one from KeyName::unique: names are unique within an account",
        ": names are unique within an account",
    ),
    // Listings
    (
        "continue the listing after that time; to list more keys than the rate limit lets through, \
         wrap the issuer in Patient or bulk::Throttled, or allow a longer deadline",
        "list again after that time, or allow a longer deadline",
    ),
    (
        "use bulk::revoke_many, which finds their ids in one listing and waits for the rate limit",
        "revoke them with one command, which finds their ids in one listing",
    ),
    ("so it ignores the cursor", "so it ignores where to continue"),
    // The life of a key
    ("the holder has a live key", "a live key has this name"),
    ("the holder has an undelivered key", "a key of this name is not delivered yet"),
    ("the holder's key is being issued", "the key of this name is being issued"),
    ("this manager has no account", "this command does not work with account"),
    ("; a node that has it revokes the key", "; a worker that does revokes the key"),
    (
        ": rotate or revoke it, or set another holder",
        ": rotate it, revoke it, or choose another name",
    ),
    (
        "set what the new key must be able to do: .scope(…)",
        "name what the new key must be able to do: --needs …",
    ),
    (
        "set how often the new key may be used: .max_uses(…)",
        "say how often the new key may be used: --max-uses N",
    ),
    ("to issue it anyway, call allow_escalating()", "to issue it anyway, add --yes"),
    ("for a key without an end, use Lease::none()", "for a key without an end, leave out --lease"),
    ("Lease::of(…).renewable_until(…)", "name the length of the lease too: --lease 24h"),
    (
        "use another name for another account, or another store",
        "use another profile name for another account, or another store:  --store sqlite:PATH",
    ),
    (
        "choose another path, or call SqliteStore::options().in_app_file() if the file belongs to \
         your app",
        "choose another path",
    ),
    (
        "call SqliteStore::options().moved() if the store continues here, or .copied() if the \
         original is still in use",
        "if the store continues here:           pinning-keys status --moved\n\
         if the original is still in use, too:  pinning-keys status --copied",
    ),
    // TLS
    (
        "print the error with {:?} to see what is wrong with it",
        "check the certificate of the server, and any proxy on the way",
    ),
    ("print the error with {:?} to see why", "check the server, and any proxy on the way"),
];

/// A text of the library without the words of its Rust interface.
pub(crate) fn reworded(text: &str) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (rust, shell)| text.replace(rust, shell))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use pinning_keys_testkit::repository;

    use super::{WORDS, reworded};

    /// What only a Rust program can make use of.
    const RUST: [&str; 14] = [
        "::",
        "()",
        "#[",
        "issuer",
        "Patient",
        "redential source",
        "CredentialSource",
        "feature",
        "the transport",
        "cursor",
        "docs/",
        "print the error",
        "in needs",
        "needs to prefers",
    ];

    /// Sentences that do not reach people as they are.
    const UNREACHABLE: &[(&str, &str)] = &[
        ("to settle it:  issuer.reconcile(", "next_lines words it"),
        ("to allow it:     name {} in needs", "next_lines words it"),
        ("to go without:   move {} from needs to prefers", "next_lines words it"),
        ("set only filters that issuer.profile().filters() has", "the program sets no other"),
        ("record.uses() with record.max_uses()", "the program sets no other filters"),
        ("name what the new key must be able to do in needs", "no command copies a key's scope"),
        ("name {permission} in needs", "no flag takes a provider's grant as needed"),
        (
            "or name in needs what it must be able to do",
            "no flag takes a provider's grant as needed",
        ),
        ("credentials of one account, and build another", "settings name no account"),
        ("have the credential source add the fact", "neither provider's requests need facts"),
        ("builds an issuer of", "both providers are built in"),
        ("no grant opens", "a permission, not a module"),
        ("turn on the feature", "both are on"),
        ("set a transport, or turn on the feature reqwest", "it is on"),
        ("needs the feature", "both providers are on"),
        ("the cursor does not belong", "a listing passes on its own cursors"),
        ("pass the cursor of the previous page", "a listing passes on its own cursors"),
        ("call it from a tokio runtime", "every command that sends runs in one"),
        ("make the transport trust that CA", "the built-in transport has advice of its own"),
        ("because its issuer is unknown", "the issuer of a certificate"),
        ("the credential source did not answer", "settings answer at once"),
        ("the credential source panicked", "settings do not panic"),
        ("paid feature", "the provider's own words"),
        ("::JSON", "SQL"),
        ("::BIGINT", "SQL"),
    ];

    #[test]
    fn no_text_of_the_library_names_rust() {
        let texts = library_texts();
        assert!(texts.len() > 300, "the sources of the library were not found");
        let left: Vec<_> = texts
            .iter()
            .filter(|text| text.contains(' ') && names_rust(text))
            .filter(|text| !UNREACHABLE.iter().any(|(part, _)| text.contains(part)))
            .filter(|text| names_rust(&reworded(text)))
            .collect();
        assert!(left.is_empty(), "reword these, or say why nobody sees them: {left:#?}");
    }

    #[test]
    fn every_part_is_still_a_text_of_the_library() {
        let texts = library_texts();
        for (part, _) in WORDS.iter().chain(UNREACHABLE) {
            assert!(texts.iter().any(|text| text.contains(part)), "no text has {part:?}");
        }
    }

    fn names_rust(text: &str) -> bool {
        RUST.iter().any(|word| text.contains(word))
    }

    /// The texts in the sources of the library.
    fn library_texts() -> Vec<String> {
        let crates = ["core", "http", "pinata", "w3ipfs", "pinning-keys", "bulk", "lifecycle"];
        let folders = crates.map(|name| repository("crates").join(name).join("src"));
        folders.iter().flat_map(|folder| sources(folder)).flat_map(|text| literals(&text)).collect()
    }

    fn sources(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder of sources");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let read = |path: &Path| fs::read_to_string(path).expect("a source");
        // The suite for authors of stores prints nothing here.
        let paths = paths.filter(|it| !it.ends_with("conformance"));
        paths.flat_map(|it| if it.is_dir() { sources(&it) } else { vec![read(&it)] }).collect()
    }

    /// The string literals of a source outside its comments and attributes, each as one line.
    fn literals(source: &str) -> Vec<String> {
        let is_code = |line: &&str| {
            let line = line.trim_start();
            !line.starts_with("//") && !line.starts_with('#')
        };
        let code: Vec<_> = source.lines().filter(is_code).collect();
        let code = code.join("\n");
        let code = code.split("\nmod tests {").next().unwrap_or_default();
        // A quotation mark that does not end a literal.
        let code = code.replace("'\"'", "''").replace("\\\"", "'");
        // A line that ends with a backslash goes on in the next one.
        let joined = |text: &str| {
            let lines: Vec<_> = text.split("\\\n").map(str::trim_start).collect();
            lines.concat()
        };
        code.split('"').skip(1).step_by(2).map(joined).collect()
    }
}
