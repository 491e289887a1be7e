//! Both adapters pass the conformance suite in every configuration, over TCP and in memory, each
//! case as a test of its own.

#[path = "support/conformance/mod.rs"]
mod support;

use support::configuration::Configuration;
use support::stand::Stand;

fn configuration(name: &str) -> Configuration {
    let mut all = Configuration::ALL.into_iter();
    all.find(|(known, _)| *known == name).expect("a configuration of this name").1
}

macro_rules! configurations {
    ($($module:ident: $name:literal;)*) => {
        $(
            mod $module {
                mod in_memory {
                    use super::super::{Stand, configuration};

                    async fn harness() -> Stand {
                        let configuration = configuration($name);
                        Stand::in_memory(configuration, configuration.minimum())
                    }

                    pinning_keys_conformance::conformance_tests!(harness);
                }

                mod over_tcp {
                    use super::super::{Stand, configuration};

                    async fn harness() -> Stand {
                        let configuration = configuration($name);
                        Stand::over_tcp(configuration, configuration.minimum()).await
                    }

                    pinning_keys_conformance::conformance_tests!(harness);
                }
            }
        )*

        #[test]
        fn no_configuration_is_left_out() {
            assert_eq!(Configuration::ALL.map(|(name, _)| name), [$($name),*]);
        }
    };
}

configurations! {
    pinata_v3_resources_jwt: "pinata, v3, resources, jwt";
    pinata_v3_endpoints_jwt: "pinata, v3, endpoints, jwt";
    pinata_sdk_resources_jwt: "pinata, sdk, resources, jwt";
    pinata_sdk_endpoints_jwt: "pinata, sdk, endpoints, jwt";
    pinata_legacy_endpoints_jwt: "pinata, legacy, endpoints, jwt";
    pinata_legacy_endpoints_key_pair: "pinata, legacy, endpoints, key pair";
    w3ipfs_jwt: "w3ipfs, jwt";
    w3ipfs_key_pair: "w3ipfs, key pair";
}
