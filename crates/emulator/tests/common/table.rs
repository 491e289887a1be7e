//! Reads the tables of routes among the fixtures.

pub struct Row {
    pub method: &'static str,
    /// With its variable segments filled.
    pub path: String,
    pub permission: &'static str,
}

pub fn rows(table: &'static str) -> Vec<Row> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [method, path, permission] = words[..] else { panic!("{line}") };
            let path = path.replace("{network}", "private").replace(['{', '}'], "");
            Row { method, path, permission }
        })
        .collect()
}
