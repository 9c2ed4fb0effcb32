//! How instances are sorted into services where the built-in order of sources is not enough.
//!
//! [`RuleTexts`] is what a person writes; [`Rules`] is the same, compiled once. A rule that cannot be compiled names
//! its own place, so that whoever read the file can name file and line.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::fleet::instance::Instance;

/// Grouping as a person writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleTexts {
    /// Metadata keys, and prefixes of tags (`service=…`), that name the service.
    pub service_keys: Vec<String>,
    /// Metadata keys that refine it: `shop/worker`.
    pub role_keys: Vec<String>,
    /// Metadata keys, and prefixes of tags, that name the Heat stack.
    pub stack_keys: Vec<String>,
    /// Metadata keys, and prefixes of tags, that tell the version.
    pub version_keys: Vec<String>,
    /// Metadata keys that hold a container image with its tag.
    pub container_keys: Vec<String>,
    /// Port numbers of the pool members that count for grouping; empty for all.
    pub pool_ports: Vec<u16>,
    /// Rules; the first that matches names the service, before every other source.
    pub rules: Vec<RuleText>,
}

impl Default for RuleTexts {
    fn default() -> Self {
        let owned = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect();
        Self {
            service_keys: owned(&["service", "app"]),
            role_keys: owned(&["role"]),
            stack_keys: owned(&["metering.stack_name", "stack_name", "stack", "metering.stack"]),
            version_keys: owned(&["version"]),
            container_keys: owned(&["container", "image", "tag"]),
            pool_ports: Vec::new(),
            rules: Vec::new(),
        }
    }
}

/// One rule as a person writes it. All that it asks for must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleText {
    /// The instance's name, with `*` and `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The instance's name, as a regular expression; its groups may be used in `service`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_regex: Option<String>,
    /// Metadata keys and what they must hold, with `*` and `?`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// A tag, with `*` and `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The project's id, with `*` and `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The service's name: text with `{1}` or `{group}` of `name_regex`, `{stem}`, `{name}`, `{metadata.KEY}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Metadata keys that tell the version, instead of the common ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub version_keys: Vec<String>,
}

/// Grouping, compiled. Equal when what was written is equal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "RuleTexts", into = "RuleTexts")]
pub struct Rules {
    /// What was written.
    pub texts: RuleTexts,
    compiled: Vec<Rule>,
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}

impl From<Rules> for RuleTexts {
    fn from(rules: Rules) -> Self {
        rules.texts
    }
}

/// Why a rule does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {}: {key}: {message}", place + 1)]
pub struct RuleError {
    /// Which rule, from zero.
    pub place: usize,
    /// Which of its keys.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
}

impl TryFrom<RuleTexts> for Rules {
    type Error = RuleError;

    fn try_from(texts: RuleTexts) -> Result<Self, RuleError> {
        let compiled = texts.rules.iter().enumerate().map(|(place, text)| Rule::compile(place, text));
        let compiled = compiled.collect::<Result<_, _>>()?;
        Ok(Self { texts, compiled })
    }
}

impl Rules {
    /// The service that the first matching rule names. A template that comes out empty does not count.
    pub(crate) fn service(&self, instance: &Instance) -> Option<String> {
        self.compiled.iter().filter(|rule| rule.matches(instance)).find_map(|rule| rule.service(instance))
    }

    /// Metadata keys that tell this instance's version.
    pub(crate) fn version_keys(&self, instance: &Instance) -> &[String] {
        let own = self.compiled.iter().find(|rule| !rule.version_keys.is_empty() && rule.matches(instance));
        own.map_or(&self.texts.version_keys, |rule| &rule.version_keys)
    }
}

#[derive(Clone, Debug)]
struct Rule {
    name: Option<Glob>,
    name_regex: Option<Regex>,
    metadata: Vec<(String, Glob)>,
    tag: Option<Glob>,
    project: Option<Glob>,
    service: Vec<Part>,
    version_keys: Vec<String>,
}

/// A piece of a service's name.
#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Name,
    Stem,
    Metadata(String),
    Number(usize),
    Group(String),
}

impl Rule {
    fn compile(place: usize, text: &RuleText) -> Result<Self, RuleError> {
        let fault = |key, message| RuleError { place, key, message };
        let glob = |pattern: &Option<String>| pattern.clone().map(Glob);
        let name_regex = match &text.name_regex {
            None => None,
            Some(pattern) => Some(Regex::new(pattern).map_err(|error| fault("name_regex", first_words(&error)))?),
        };
        let rule = Self {
            name: glob(&text.name),
            metadata: text.metadata.iter().map(|(key, pattern)| (key.clone(), Glob(pattern.clone()))).collect(),
            tag: glob(&text.tag),
            project: glob(&text.project),
            service: template(text.service.as_deref().unwrap_or(""), name_regex.as_ref())
                .map_err(|message| fault("service", message))?,
            version_keys: text.version_keys.clone(),
            name_regex,
        };
        rule.check(text).map_err(|(key, message)| fault(key, message.to_owned()))?;
        Ok(rule)
    }

    fn check(&self, text: &RuleText) -> Result<(), (&'static str, &'static str)> {
        if text.service.is_none() && text.version_keys.is_empty() {
            return Err(("service", "is missing: a rule names a service or version_keys"));
        }
        let asks = self.name.is_some() || self.name_regex.is_some() || self.tag.is_some() || self.project.is_some();
        if !asks && self.metadata.is_empty() {
            return Err(("name", "is missing: a rule asks for name, name_regex, metadata, tag or project"));
        }
        Ok(())
    }

    /// Cheapest first: ten thousand instances are asked, and most match nothing.
    fn matches(&self, instance: &Instance) -> bool {
        let holds = |pattern: &Option<Glob>, text: &str| pattern.as_ref().is_none_or(|glob| glob.matches(text));
        holds(&self.name, &instance.name)
            && holds(&self.project, instance.project.as_str())
            && self.metadata.iter().all(|(key, glob)| instance.metadata.get(key).is_some_and(|v| glob.matches(v)))
            && self.tag.as_ref().is_none_or(|glob| instance.tags.iter().any(|tag| glob.matches(tag)))
            && self.name_regex.as_ref().is_none_or(|regex| regex.is_match(&instance.name))
    }

    fn service(&self, instance: &Instance) -> Option<String> {
        let captures = self.name_regex.as_ref().and_then(|regex| regex.captures(&instance.name));
        let captures = captures.as_ref();
        let mut out = String::new();
        for part in &self.service {
            out.push_str(match part {
                Part::Text(text) => text,
                Part::Name => &instance.name,
                Part::Stem => super::name::stem(&instance.name, instance.zone.as_deref()),
                Part::Metadata(key) => instance.metadata.get(key).unwrap_or_default(),
                Part::Number(number) => captures.and_then(|c| c.get(*number)).map_or("", |found| found.as_str()),
                Part::Group(group) => captures.and_then(|c| c.name(group)).map_or("", |found| found.as_str()),
            });
        }
        let name = out.trim_matches(|c: char| c.is_whitespace() || c == '/');
        (!name.is_empty()).then(|| name.to_owned())
    }
}

/// `*` is any text, `?` one character, all else itself. By hand, as a regular expression costs a hundred times as much
/// to find out that the first letter is another.
#[derive(Clone, Debug)]
struct Glob(String);

impl Glob {
    fn matches(&self, text: &str) -> bool {
        let (mut pattern, mut text) = (self.0.as_str(), text);
        // Where to go on when what came after the last `*` does not fit: that `*` takes one character more.
        let mut retry: Option<(&str, &str)> = None;
        loop {
            let mut after = pattern.chars();
            let mut rest = text.chars();
            match (after.next(), rest.next()) {
                (Some('*'), _) => {
                    retry = Some((after.as_str(), text));
                    pattern = after.as_str();
                    continue;
                }
                (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                    (pattern, text) = (after.as_str(), rest.as_str());
                    continue;
                }
                (None, None) => return true,
                // Nothing is left for what the pattern still wants; more for the star would leave even less.
                (Some(_), None) => return false,
                _ => {}
            }
            let Some((after_star, from)) = retry else { return false };
            let mut longer = from.chars();
            if longer.next().is_none() {
                return false;
            }
            retry = Some((after_star, longer.as_str()));
            (pattern, text) = (after_star, longer.as_str());
        }
    }
}

/// The last line of a regex error is the sentence; the others draw the pattern.
fn first_words(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or("not a regular expression").trim_start_matches("error: ").to_owned()
}

fn template(text: &str, regex: Option<&Regex>) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inner, tail) = after.split_once('}').ok_or_else(|| format!("`{{{after}` has no closing `}}`"))?;
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(placeholder(inner, regex)?);
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

fn placeholder(inner: &str, regex: Option<&Regex>) -> Result<Part, String> {
    if let Some(key) = inner.strip_prefix("metadata.") {
        return Ok(Part::Metadata(key.to_owned()));
    }
    let groups = regex.map_or(0, Regex::captures_len);
    match (inner, inner.parse::<usize>()) {
        ("name", _) => Ok(Part::Name),
        ("stem", _) => Ok(Part::Stem),
        (_, Ok(number)) if number < groups => Ok(Part::Number(number)),
        (_, Ok(_)) => Err(format!("`{{{inner}}}` is not a group of name_regex")),
        _ if regex.is_some_and(|regex| regex.capture_names().flatten().any(|name| name == inner)) => {
            Ok(Part::Group(inner.to_owned()))
        }
        _ => Err(format!(
            "`{{{inner}}}` is unknown: use {{stem}}, {{name}}, {{metadata.KEY}}, {{1}} or a named group of name_regex"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All texts of these letters, up to four long.
    fn texts(letters: &[char]) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut from = 0;
        for _ in 0..4 {
            let until = all.len();
            for at in from..until {
                all.extend(letters.iter().map(|letter| format!("{}{letter}", all[at])).collect::<Vec<_>>());
            }
            from = until;
        }
        all
    }

    #[test]
    fn a_glob_matches_what_its_regular_expression_would() {
        let names = texts(&['a', 'b', 'é', '*']);
        for pattern in texts(&['a', 'é', '*', '?']) {
            let escaped = regex::escape(&pattern).replace(r"\*", ".*").replace(r"\?", ".");
            let regex = Regex::new(&format!("(?s)^{escaped}$")).unwrap();
            for name in &names {
                assert_eq!(Glob(pattern.clone()).matches(name), regex.is_match(name), "{pattern} of {name}");
            }
        }
    }
}
