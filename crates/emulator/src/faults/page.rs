use http::StatusCode;

use crate::answer::Answer;

/// An HTML page with the status in its title, as proxies send it.
pub(super) fn html(status: StatusCode) -> Answer {
    Answer::text(status, "text/html", &html_text(status))
}

pub(super) fn html_text(status: StatusCode) -> String {
    format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1>\
         </center>\r\n</body>\r\n</html>\r\n"
    )
}
