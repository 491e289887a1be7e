use pinning_keys_emulator::Emulator;
use serde_json::json;

/// For programs: one line, a member for each provider.
pub(crate) fn json(emulator: &Emulator) -> String {
    let pinata = emulator.pinata();
    // Written in this order by hand: a JSON object of the library sorts its members.
    format!(
        "{{\"pinata\":{{\"base_url\":{},\"jwt\":{},\"api_key\":{},\"api_secret\":{}}}}}\n",
        json!(pinata.base_url()),
        json!(pinata.jwt()),
        json!(pinata.api_key()),
        json!(pinata.api_secret()),
    )
}

/// For people. The credentials open nothing but this emulator, so they may be shown.
pub(crate) fn text(emulator: &Emulator, seed: u64) -> String {
    let pinata = emulator.pinata();
    let (base_url, jwt) = (pinata.base_url(), pinata.jwt());
    format!(
        "Pinata, emulated (seed {seed}). Everything here is made up; Ctrl-C ends it.

  base URL    {base_url}
  API key     {api_key}
  API secret  {api_secret}
  JWT         {jwt}

Make a key that may only list files:

curl --request POST --url {base_url}/v3/api_keys \\
     --header 'Authorization: Bearer {jwt}' \\
     --header 'Content-Type: application/json' \\
     --data '{{\"keyName\":\"reader\",\"permissions\":{{\"resources\":[\"org:files:read\"]}}}}'
",
        api_key = pinata.api_key(),
        api_secret = pinata.api_secret(),
    )
}
