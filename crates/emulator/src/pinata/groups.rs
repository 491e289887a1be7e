use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, Outcome};
use super::files::no_such_file;
use super::page;
use super::pattern;

/// A group of files.
pub(crate) struct Group {
    id: String,
    network: String,
    is_public: bool,
    name: String,
    created_at: String,
}

impl Group {
    /// The date has the documented name [DOC] and the one of the official client's types [SDK],
    /// which passes on whatever comes.
    fn item(&self) -> Value {
        json!({
            "id": self.id,
            "is_public": self.is_public,
            "name": self.name,
            "created_at": self.created_at,
            "createdAt": self.created_at,
        })
    }
}

/// A file names a group that does not exist.
pub(crate) struct NoSuchGroup;

/// The groups of both networks, oldest first.
#[derive(Default)]
pub(crate) struct GroupStore {
    groups: Vec<Group>,
}

impl GroupStore {
    /// Checks that a file of this network may name this group, or none.
    pub(crate) fn check(&self, network: &str, id: Option<&str>) -> Result<(), NoSuchGroup> {
        let known =
            |id: &str| self.groups.iter().any(|group| group.network == network && group.id == id);
        if id.is_none_or(known) { Ok(()) } else { Err(NoSuchGroup) }
    }

    fn find_mut(&mut self, network: &str, id: &str) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.network == network && group.id == id)
    }
}

pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(name) = body.get("name").and_then(Value::as_str) else {
        return Err(Answer::v3_bad_request("name is required and must be a string"));
    };
    let group = Group {
        id: call.state.random.uuid(),
        network: call.segment(0).to_owned(),
        is_public: body.get("is_public").and_then(Value::as_bool).unwrap_or(false),
        name: name.to_owned(),
        created_at: call.state.clock.tick().iso(),
    };
    let answer = Answer::data(group.item());
    call.state.groups.groups.push(group);
    Ok(answer)
}

/// Lists groups, newest first.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let (query, network) = (&call.query, call.segment(0));
    let is_public = query.flag("isPublic")?;
    let groups = call.state.groups.groups.iter().rev();
    let groups: Vec<&Group> = groups
        .filter(|group| group.network == network)
        .filter(|group| is_public.is_none_or(|wanted| group.is_public == wanted))
        .filter(|group| query.text("name").is_none_or(|name| pattern::contains(&group.name, name)))
        .collect();
    let page = page::cut(groups, query, call.assumptions().data_page_size)?;
    let items: Vec<Value> = page.items.into_iter().map(Group::item).collect();
    Ok(Answer::data(json!({ "groups": items, "next_page_token": page.next_page_token })))
}

pub(crate) fn show(call: &mut Call<'_>) -> Outcome {
    Ok(Answer::data(find(call)?.item()))
}

pub(crate) fn update(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let group = find(call)?;
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        name.clone_into(&mut group.name);
    }
    if let Some(is_public) = body.get("is_public").and_then(Value::as_bool) {
        group.is_public = is_public;
    }
    Ok(Answer::data(group.item()))
}

/// Removes a group; its files stay without one.
pub(crate) fn remove(call: &mut Call<'_>) -> Outcome {
    let id = find(call)?.id.clone();
    call.state.groups.groups.retain(|group| group.id != id);
    for file in call.state.files.all_mut().filter(|file| file.group_id.as_ref() == Some(&id)) {
        file.group_id = None;
    }
    Ok(Answer::data(Value::Null))
}

pub(crate) fn add_file(call: &mut Call<'_>) -> Outcome {
    let group = find(call)?.id.clone();
    put_file(call, Some(group))
}

pub(crate) fn remove_file(call: &mut Call<'_>) -> Outcome {
    find(call)?;
    put_file(call, None)
}

fn put_file(call: &mut Call<'_>, group: Option<String>) -> Outcome {
    let (network, file) = (call.segment(0).to_owned(), call.segment(2).to_owned());
    let file = call.state.files.find_mut(&network, &file).ok_or_else(no_such_file)?;
    file.group_id = group;
    Ok(Answer::data(Value::Null))
}

fn find<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Group, Answer> {
    let (network, id) = (call.segment(0).to_owned(), call.segment(1).to_owned());
    let group = call.state.groups.find_mut(&network, &id);
    group.ok_or_else(Answer::no_such_group)
}
