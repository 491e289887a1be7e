use pinning_keys_emulator::Emulator;
use serde_json::json;

use crate::args::Args;

/// For programs: one line, a member for each provider.
pub(crate) fn json(emulator: &Emulator) -> String {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    // Written in this order by hand: a JSON object of the library sorts its members.
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
pub(crate) fn text(emulator: &Emulator, args: &Args) -> String {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let (base_url, jwt) = (pinata.base_url(), pinata.jwt());
    let seed = args.seed;
    let control = if args.control {
        format!(
            "
Let the next create at Pinata be carried out and its answer be lost:

curl --request POST --url {base_url}/_emulator/faults \\
     --data '{{\"method\":\"POST\",\"path\":\"/v3/api_keys\",\"requests\":{{\"nth\":1}},\"fault\":{{\"cut_connection\":\"after_commit\"}}}}'
"
        )
    } else {
        String::new()
    };
    format!(
        "Pinata and W3IPFS, emulated (seed {seed}). Everything here is made up; Ctrl-C ends it.

Pinata
  base URL    {base_url}
  API key     {api_key}
  API secret  {api_secret}
  JWT         {jwt}

W3IPFS
  base URL    {w3ipfs_base_url}
  API key     {w3ipfs_api_key}
  API secret  {w3ipfs_api_secret}
  JWT         {w3ipfs_jwt}
  refresh     {w3ipfs_refresh_token}

Make a key that may only list files, at Pinata and at W3IPFS, with $JWT set to the one above:

curl --request POST --url {base_url}/v3/api_keys \\
     --header \"Authorization: Bearer $JWT\" \\
     --header 'Content-Type: application/json' \\
     --data '{{\"keyName\":\"reader\",\"permissions\":{{\"resources\":[\"org:files:read\"]}}}}'

curl --request POST --url {w3ipfs_base_url}/apiKeys/ \\
     --header \"Authorization: Bearer $JWT\" \\
     --header 'Content-Type: application/json' \\
     --data '{{\"name\":\"reader\",\"scopes\":{{\"admin\":false,\"data\":{{\"pin_list\":true,\"nft_list\":false}},\"pinning\":{{\"unpin\":false,\"pin_by_hash\":false,\"pin_file_to_ipfs\":false}},\"pin_nft\":{{\"unpin_nft\":false,\"pin_nft_to_ipfs\":false}}}}}}'
{control}",
        api_key = pinata.api_key(),
        api_secret = pinata.api_secret(),
        w3ipfs_base_url = w3ipfs.base_url(),
        w3ipfs_api_key = w3ipfs.api_key(),
        w3ipfs_api_secret = w3ipfs.api_secret(),
        w3ipfs_jwt = w3ipfs.jwt(),
        w3ipfs_refresh_token = w3ipfs.refresh_token(),
    )
}
