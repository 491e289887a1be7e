use pinning_keys_emulator::Emulator;
use serde_json::json;

/// For programs: one line of JSON with a member for each provider.
pub(crate) fn json(emulator: &Emulator) -> String {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    // Written by hand to keep this order: a JSON object of the library sorts its members.
    let at_pinata = [
        ("base_url", pinata.base_url()),
        ("jwt", pinata.jwt()),
        ("api_key", pinata.api_key()),
        ("api_secret", pinata.api_secret()),
    ];
    let at_w3ipfs = [
        ("base_url", w3ipfs.base_url()),
        ("jwt", &w3ipfs.jwt()),
        ("refresh_token", &w3ipfs.refresh_token()),
        ("api_key", w3ipfs.api_key()),
        ("api_secret", w3ipfs.api_secret()),
    ];
    format!("{{\"pinata\":{},\"w3ipfs\":{}}}\n", object(&at_pinata), object(&at_w3ipfs))
}

fn object(members: &[(&str, &str)]) -> String {
    let members = members.iter().map(|(name, value)| format!("{}:{}", json!(name), json!(value)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// For people. The credentials open nothing but this emulator, so they may be shown.
pub(crate) fn text(emulator: &Emulator, seed: u64) -> String {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let at_pinata = section(
        &exports(&pinata.vars(), &w3ipfs.vars()),
        &[("API key", pinata.api_key()), ("API secret", pinata.api_secret())],
        "/v3/api_keys",
        r#"{"keyName":"reader","permissions":{"resources":["org:files:read"]}}"#,
    );
    let at_w3ipfs = section(
        &exports(&w3ipfs.vars(), &pinata.vars()),
        &[
            ("API key", w3ipfs.api_key()),
            ("API secret", w3ipfs.api_secret()),
            ("refresh token", &w3ipfs.refresh_token()),
        ],
        "/apiKeys/",
        r#"{"name":"reader","scopes":{"admin":false,"data":{"pin_list":true,"nft_list":false},"pinning":{"unpin":false,"pin_by_hash":false,"pin_file_to_ipfs":false},"pin_nft":{"unpin_nft":false,"pin_nft_to_ipfs":false}}}"#,
    );
    format!(
        "Pinata and W3IPFS, emulated (seed {seed}). All credentials are made up. \
         Press Ctrl-C to stop.\n\nPinata\n\n{at_pinata}\nW3IPFS\n\n{at_w3ipfs}"
    )
}

/// The lines to paste for a provider, also after those of the other one: a variable that only the
/// other one has would be refused. URLs and JWTs contain no character that a shell would interpret,
/// so the exports need no quotes.
fn exports(vars: &[(&str, String)], others: &[(&str, String)]) -> String {
    let is_left = |name: &str| vars.iter().all(|(own, _)| *own != name);
    let left = others.iter().filter(|(name, _)| is_left(name));
    let unset = left.map(|(name, _)| format!("    unset {name}"));
    let export = vars.iter().map(|(name, value)| format!("    export {name}={value}"));
    unset.chain(export).collect::<Vec<_>>().join("\n")
}

/// What is printed for a provider.
fn section(
    exports: &str,
    credentials: &[(&str, &str)],
    create_path: &str,
    create_body: &str,
) -> String {
    let credentials = credentials.iter().map(|(name, value)| format!("    {name:<13}  {value}"));
    let credentials = credentials.collect::<Vec<_>>().join("\n");
    format!(
        "{exports}

{credentials}

  With these variables set, this creates a key that may only list files:

    curl --request POST --url \"$PINNING_KEYS_BASE_URL{create_path}\" \\
         --header \"Authorization: Bearer $PINNING_KEYS_JWT\" \\
         --header 'Content-Type: application/json' \\
         --data '{create_body}'
"
    )
}
