use bytes::Bytes;
use http::Request;

use crate::disturbance::Disturbance;

/// Edits the pages of a provider's list, for the disturbances of a
/// [`DisturbedTransport`](crate::DisturbedTransport) that happen to a page.
///
/// [`JsonPages`](crate::JsonPages) edits the usual form of a page. Implement the trait for any
/// other:
///
/// ```
/// use pinning_keys_conformance::{Disturbance, PageEditor};
///
/// /// Pages with one key a line.
/// struct Lines;
///
/// impl PageEditor for Lines {
///     fn offers(&self, disturbance: Disturbance) -> bool {
///         matches!(disturbance, Disturbance::RepeatedRow | Disturbance::UnreadableRow)
///     }
///
///     fn edit(&self, by: Disturbance, page: &[u8], previous: Option<&[u8]>) -> Option<Vec<u8>> {
///         let page = std::str::from_utf8(page).ok()?;
///         let edited = match by {
///             Disturbance::RepeatedRow => {
///                 let row = std::str::from_utf8(previous?).ok()?.lines().last()?;
///                 format!("{row}\n{page}")
///             }
///             Disturbance::UnreadableRow => format!("{page}\nnot a key\n"),
///             _ => return None,
///         };
///         Some(edited.into_bytes())
///     }
/// }
/// # let edited = Lines.edit(Disturbance::RepeatedRow, b"c\n", Some(b"a\nb\n"));
/// # assert_eq!(edited.unwrap(), b"b\nc\n");
/// ```
pub trait PageEditor: Send + Sync {
    /// Returns whether pages can be disturbed in this way. Cases about others are skipped.
    fn offers(&self, disturbance: Disturbance) -> bool;

    /// Changes the request for a page so that the provider sends fewer rows
    /// ([`Disturbance::ShortPage`]), and returns whether it did (default: `false`).
    ///
    /// The provider's own cursor then continues after the rows that it sent, so that no key is
    /// lost. If `false` is returned, [`edit`](Self::edit) shortens the page instead.
    fn ask_for_fewer(&self, _request: &mut Request<Bytes>) -> bool {
        false
    }

    /// Returns the page as the disturbance changes it, or `None` if it leaves it as it is.
    ///
    /// `previous` is the page that the adapter received before this one.
    fn edit(
        &self,
        disturbance: Disturbance,
        page: &[u8],
        previous: Option<&[u8]>,
    ) -> Option<Vec<u8>>;
}
