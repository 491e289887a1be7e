//! The tables of `docs/tools.md`: with the scope of its row, a key is let through to each call on
//! the emulator, and with one permission fewer one of them is refused.

use pinning_keys::{IssuedKey, KeyIssuer, KeyName, KeyRequest, Permission, ScopeRequest};
use pinning_keys_testkit::page;

use crate::Place;

/// The section of each table, in the order of [`Place::all`].
const SECTIONS: [&str; 3] =
    ["## Pinata, table `resources`", "## Pinata, table `endpoints`", "## W3IPFS"];

/// A row of the page.
struct Job {
    row: String,
    /// Each with a method and a path.
    calls: Vec<String>,
    needs: Vec<Permission>,
    tolerates: Vec<String>,
}

/// The texts in backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

impl Job {
    fn read(row: &str) -> Self {
        let columns: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, _tool, _job, calls, scope, _] = columns[..] else { panic!("four columns: {row}") };
        let (needs, tolerates) = scope.split_once(", tolerates").unwrap_or((scope, ""));
        Self {
            row: row.to_owned(),
            calls: code(calls),
            needs: code(needs).iter().map(|text| text.parse().expect(text)).collect(),
            tolerates: code(tolerates),
        }
    }

    /// The rows of a section, below the head of its table.
    fn all(section: &str) -> Vec<Self> {
        let section = page::section(&page::read("docs/tools.md"), section);
        let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
        rows.map(Self::read).collect()
    }

    /// The request, and the same without its tolerance.
    fn requests(&self) -> [KeyRequest; 2] {
        let exact = ScopeRequest::needs(&self.needs[..]);
        let tolerant = self.tolerates.iter().cloned().fold(exact.clone(), ScopeRequest::tolerates);
        [tolerant, exact]
            .map(|scope| KeyRequest::new(KeyName::unique("tool").unwrap(), scope).unwrap())
    }

    /// Whether this key is let through to every call.
    fn is_possible(&self, place: &Place, key: &IssuedKey) -> bool {
        let headers = key.credential().headers();
        self.calls.iter().all(|call| {
            let (method, path) = call.split_once(' ').expect(call);
            let (method, path) = (method.parse().unwrap(), path.replace("{network}", "public"));
            if place.configuration.is_pinata() {
                place.emulator.pinata().may(&headers, &method, &path)
            } else {
                place.emulator.w3ipfs().may(&headers, &method, &path)
            }
        })
    }
}

#[tokio::test]
async fn key_of_a_tool_does_its_job_and_cannot_with_one_permission_fewer() {
    for (place, section) in Place::all().iter().zip(SECTIONS) {
        let jobs = Job::all(section);
        assert!(jobs.len() > 7, "{section}");
        for job in jobs {
            let row = &job.row;
            assert!(!job.calls.is_empty() && !job.needs.is_empty(), "{row}");
            let [request, exact] = job.requests();
            let is_exact = place.issuer.plan(&exact).is_ok();
            assert_eq!(is_exact, job.tolerates.is_empty(), "needless tolerance: {row}");
            let key = place.issuer.issue(&request).await.unwrap();
            assert!(job.is_possible(place, &key), "{row}");
            for &permission in &job.needs {
                let fewer = place.key_without(permission).await;
                assert!(!job.is_possible(place, &fewer), "{permission} is not needed: {row}");
            }
        }
    }
}
