//! A service brought to so many instances: which is decided when the key is pressed, how many is typed.

use std::sync::Arc;

use crate::base::id::InstanceId;
use crate::console::app::commands::change::{Meant, is_ready, looked_at, service_by_name};
use crate::console::app::commands::mould;
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::prompt::Prompt;
use crate::fleet::service::Service;
use crate::operation::draft::first_to_leave;
use crate::operation::{Aim, Intent, Verb};

type Effects = Vec<Effect>;

/// `3`, `+2`, `-1`, with the service's name before it where another is meant than under the cursor; opens the line
/// without a number.
pub fn scale(model: &mut Model, typed: &str) -> Effects {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let (named, size) = match words[..] {
        [] => ("", None),
        [one] if is_size(one) => ("", Some(one)),
        [name] => (name, None),
        [name, size] => (name, Some(size)),
        _ => return refuse(model, "a service and a number are all that is wanted"),
    };
    let meant =
        if named.is_empty() { looked_at(model) } else { is_ready(model).and_then(|()| service_by_name(model, named)) };
    let asked = meant.and_then(|meant| service(model, &meant).map(|service| (service, meant)));
    let (has, name, meant) = match asked {
        Ok((service, meant)) => (service.members.len(), Arc::clone(&service.key.name), meant),
        Err(why) => return refuse(model, &why),
    };
    let Some(size) = size else { return open_line(model, &name) };
    match sized(size, has) {
        Ok(size) => {
            let leaving = leaving(model, &meant.aim, size);
            let intent = Intent { size: Some(size), leaving, ..Intent::new(Verb::Scale, meant.aim) };
            mould::open(model, intent, meant.hidden)
        }
        Err(why) => refuse(model, &why),
    }
}

/// The line with all but the number. Where two services are called so, the cursor tells which.
fn open_line(model: &mut Model, name: &str) -> Effects {
    let named = if service_by_name(model, name).is_ok() { format!("{name} ") } else { String::new() };
    model.overlay = Some(Overlay::Command(Prompt::with(&format!("scale {named}"))));
    model.touch();
    Vec::new()
}

fn service<'m>(model: &'m Model, meant: &Meant) -> Result<&'m Service, String> {
    let Aim::Service(key) = &meant.aim else { return Err("a service is scaled, not its instances".to_owned()) };
    model.fleet.service(key).ok_or_else(|| "it is not there any more".to_owned())
}

/// Who leaves is decided now: nothing that a list does while the plan is read changes it.
fn leaving(model: &Model, aim: &Aim, size: usize) -> Vec<InstanceId> {
    let Aim::Service(key) = aim else { return Vec::new() };
    let Some(service) = model.fleet.service(key) else { return Vec::new() };
    let leaving = first_to_leave(&model.fleet, service, service.members.len().saturating_sub(size));
    leaving.into_iter().map(|member| member.instance.id.clone()).collect()
}

fn is_size(word: &str) -> bool {
    word.trim_start_matches(['+', '-']).parse::<usize>().is_ok()
}

/// How many it shall have that has so many.
fn sized(word: &str, has: usize) -> Result<usize, String> {
    let wrong = || format!("{word} is no number of instances: 3, +2 or -1 is");
    let (sign, digits) = match word.split_at_checked(1) {
        Some(("+", digits)) => ('+', digits),
        Some(("-", digits)) => ('-', digits),
        _ => ('=', word),
    };
    let count: usize = digits.parse().map_err(|_| wrong())?;
    match sign {
        '+' => Ok(has.saturating_add(count)),
        '-' => has.checked_sub(count).ok_or_else(|| format!("it has {has}: {count} cannot leave")),
        _ => Ok(count),
    }
}

fn refuse(model: &mut Model, why: &str) -> Effects {
    model.notices.tell(format!("{}: {why}", Verb::Scale), model.now);
    Vec::new()
}
