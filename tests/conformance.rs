//! Both adapters pass the conformance suite in every configuration, over TCP and in memory. Each
//! case is a separate test.

use pinning_keys::transport::ReqwestTransport;
use pinning_keys_testkit::stand::{Configuration, Stand, built_in};

macro_rules! configurations {
    ($($module:ident: $name:literal;)*) => {
        $(
            mod $module {
                use super::*;

                mod in_memory {
                    use super::*;

                    async fn harness() -> Stand {
                        Stand::in_memory(Configuration::named($name))
                    }

                    pinning_keys_conformance::conformance_tests!(harness);
                }

                mod over_tcp {
                    use super::*;

                    async fn harness() -> Stand {
                        let transport = built_in(ReqwestTransport::from_builder);
                        Stand::over_tcp(Configuration::named($name), transport).await
                    }

                    pinning_keys_conformance::conformance_tests!(harness);
                }
            }
        )*

        #[test]
        fn every_configuration_is_listed() {
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
