//! What a credential can really do.
