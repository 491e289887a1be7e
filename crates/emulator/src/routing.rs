use http::Method;
use percent_encoding::percent_decode_str;

use crate::answer::Answer;

/// What a handler returns: an answer either way, so that `?` returns a refusal.
pub(crate) type Outcome = Result<Answer, Answer>;

/// A route of a provider's table: what opens it, and its handler.
pub(crate) struct Route<Opens: 'static, Run: 'static> {
    pub(crate) method: Method,
    /// Segments in braces are variable; `{network}` is `public` or `private`, `{upload}` a UUID.
    pub(crate) path: &'static str,
    pub(crate) opens: Opens,
    pub(crate) run: Run,
}

/// A route that matches a request, with the variable segments of its path.
pub(crate) struct Found<Opens: 'static, Run: 'static> {
    pub(crate) route: &'static Route<Opens, Run>,
    pub(crate) segments: Vec<String>,
}

/// Finds the first route of the table for this request. The path is split into segments before it
/// is decoded, so an encoded slash belongs to its segment.
pub(crate) fn find<Opens, Run>(
    routes: &'static [Route<Opens, Run>],
    method: &Method,
    path: &str,
) -> Option<Found<Opens, Run>> {
    routes.iter().filter(|route| route.method == *method).find_map(|route| {
        let segments = fit(route.path, path)?;
        Some(Found { route, segments })
    })
}

/// The variable segments of a path, if it matches the pattern.
pub(crate) fn fit(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    let mut segments = Vec::new();
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(segments),
            (Some("{network}"), Some(network @ ("public" | "private"))) => {
                segments.push(network.to_owned());
            }
            // Otherwise a collection's name would be one: `POST /v3/files/groups` is no upload.
            (Some("{upload}"), Some(id)) if is_uuid(id) => segments.push(id.to_owned()),
            (Some("{network}" | "{upload}"), _) => return None,
            (Some(name), Some(text)) if name.starts_with('{') && !text.is_empty() => {
                segments.push(percent_decode_str(text).decode_utf8().ok()?.into_owned());
            }
            (Some(literal), Some(text)) if literal == text => {}
            _ => return None,
        }
    }
}

/// Whether a text has the form of a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    groups && text.chars().all(|digit| digit == '-' || digit.is_ascii_hexdigit())
}

/// Whether a path matches a pattern as users write it: a `*` at the end matches the rest of the
/// path, and a trailing slash makes no difference.
pub(crate) fn path_fits(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => fit(bare(pattern), bare(path)).is_some(),
    }
}

fn bare(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

pub(crate) const fn route<Opens: Copy, Run: Copy>(
    method: Method,
    path: &'static str,
    opens: Opens,
    run: Run,
) -> Route<Opens, Run> {
    Route { method, path, opens, run }
}

pub(crate) const GET: Method = Method::GET;
pub(crate) const POST: Method = Method::POST;
pub(crate) const PUT: Method = Method::PUT;
pub(crate) const DELETE: Method = Method::DELETE;

/// Checks a table of routes against the documented one, which is written independently of the
/// code; the tests over HTTP use the same file.
#[cfg(test)]
pub(crate) fn assert_documented<Opens: Copy, Run>(
    routes: &[Route<Opens, Run>],
    documented: &str,
    name: fn(Opens) -> &'static str,
) {
    let mut documented: Vec<String> = documented
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let mut ours: Vec<String> = routes
        .iter()
        .map(|route| format!("{} {} {}", route.method, route.path, name(route.opens)))
        .collect();
    documented.sort();
    ours.sort();
    assert_eq!(ours, documented);
}
