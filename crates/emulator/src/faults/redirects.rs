use http::header::LOCATION;
use http::uri::PathAndQuery;
use http::{HeaderValue, StatusCode, Uri};

use super::fault::RedirectTo;
use super::plan::Faults;
use crate::answer::Answer;

/// Redirects a request. A target on this server serves the original path from now on: otherwise
/// a client could not follow if a provider knows only one form of a path.
pub(super) fn redirect(faults: &Faults, uri: &Uri, code: StatusCode, to: &RedirectTo) -> Answer {
    let path = uri.path();
    let location = match to {
        RedirectTo::Slash => {
            let other = other_slash(path);
            faults.move_path(path, &other);
            uri.query().map(|query| format!("{other}?{query}")).or(Some(other))
        }
        RedirectTo::Path(target) => {
            faults.move_path(path, target.split('?').next().unwrap_or_default());
            Some(target.clone())
        }
        RedirectTo::Host(host) => {
            let rest = uri.path_and_query().map_or(path, PathAndQuery::as_str);
            Some(format!("{}{rest}", host.trim_end_matches('/')))
        }
        RedirectTo::Nowhere => None,
    };
    let answer = Answer::empty(code);
    match location.and_then(|location| HeaderValue::try_from(location).ok()) {
        Some(location) => answer.with_header(LOCATION, location),
        None => answer,
    }
}

/// The URI that was redirected to this one.
pub(super) fn original(faults: &Faults, uri: &Uri) -> Option<Uri> {
    let path = faults.path_before(uri.path())?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path + &query).ok();
    Uri::from_parts(parts).ok()
}

fn other_slash(path: &str) -> String {
    path.strip_suffix('/')
        .filter(|bare| !bare.is_empty())
        .map_or_else(|| format!("{path}/"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slash_is_added_or_removed() {
        for (path, other) in [("/a", "/a/"), ("/a/", "/a"), ("/", "//")] {
            assert_eq!(other_slash(path), other);
        }
    }

    #[test]
    fn redirect_back_serves_the_path_itself() {
        let faults = Faults::new(1);
        let send = |path| {
            redirect(&faults, &Uri::from_static(path), StatusCode::FOUND, &RedirectTo::Slash);
        };
        send("/a");
        send("/a/");
        assert_eq!(faults.path_before("/a"), None);
        assert_eq!(faults.path_before("/a/").as_deref(), Some("/a"));
    }

    #[test]
    fn original_uri_keeps_the_query() {
        let faults = Faults::new(1);
        let uri = |text: &'static str| Uri::from_static(text);
        redirect(&faults, &uri("/a?b=c"), StatusCode::FOUND, &RedirectTo::Slash);
        let elsewhere = RedirectTo::Path("/e?f".to_owned());
        redirect(&faults, &uri("/a"), StatusCode::FOUND, &elsewhere);
        let original = |text| original(&faults, &uri(text));
        assert_eq!(original("http://h:1/a/?b=c"), Some(uri("http://h:1/a?b=c")));
        assert_eq!(original("/e"), Some(uri("/a")));
        assert_eq!(original("/a"), None);
    }
}
