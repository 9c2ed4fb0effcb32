//! Keys in writing: `j`, `G`, `ctrl-r`, `g g`, `space`, `pgdn`, `shift-left`, `f1`.

use crate::base::key::{Key, KeyCode};

const NAMES: [(&str, KeyCode); 24] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("del", KeyCode::Delete),
    ("ins", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
    ("return", KeyCode::Enter),
    ("escape", KeyCode::Esc),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("hyphen", KeyCode::Char('-')),
    ("minus", KeyCode::Char('-')),
];

/// Reads keys that are pressed one after the other; `None` for what is no key.
pub fn parse(text: &str) -> Option<Vec<Key>> {
    let keys: Option<Vec<Key>> = text.split_whitespace().map(parse_one).collect();
    keys.filter(|keys| !keys.is_empty())
}

fn parse_one(word: &str) -> Option<Key> {
    let mut key = Key { code: KeyCode::Esc, ctrl: false, alt: false, shift: false };
    let mut rest = word;
    while let Some((modifier, after)) = rest.split_once('-').filter(|(_, after)| !after.is_empty()) {
        match modifier {
            "ctrl" => key.ctrl = true,
            "alt" => key.alt = true,
            "shift" => key.shift = true,
            _ => return None,
        }
        rest = after;
    }
    key.code = code(rest)?;
    match key.code {
        // Shift is already in the character.
        KeyCode::Char(letter) if key.shift => {
            key.shift = false;
            key.code = KeyCode::Char(letter.to_ascii_uppercase());
        }
        KeyCode::Tab if key.shift => {
            key.shift = false;
            key.code = KeyCode::BackTab;
        }
        _ => {}
    }
    Some(key)
}

fn code(name: &str) -> Option<KeyCode> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(KeyCode::Char(letter));
    }
    if let Some((_, code)) = NAMES.iter().find(|(other, _)| name.eq_ignore_ascii_case(other)) {
        return Some(*code);
    }
    let number: u8 = name.strip_prefix(['f', 'F'])?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

/// Writes keys as [`parse`] reads them.
pub fn print(keys: &[Key]) -> String {
    keys.iter().map(|key| print_one(*key)).collect::<Vec<_>>().join(" ")
}

fn print_one(key: Key) -> String {
    let mut text = String::new();
    for (held, name) in [(key.ctrl, "ctrl-"), (key.alt, "alt-"), (key.shift, "shift-")] {
        if held {
            text.push_str(name);
        }
    }
    match key.code {
        KeyCode::F(number) => text.push_str(&format!("f{number}")),
        code => match (NAMES.iter().find(|(_, other)| *other == code), code) {
            (_, KeyCode::Char('-')) => text.push('-'),
            (Some((name, _)), _) => text.push_str(name),
            (None, KeyCode::Char(letter)) => text.push(letter),
            (None, _) => {}
        },
    }
    text
}
