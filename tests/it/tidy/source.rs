//! One file: its text, its syntax, and every path that it names.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A parsed file.
pub(super) struct Source {
    /// From the repository's root, with `/`.
    pub(super) path: String,
    /// As written.
    pub(super) text: String,
    /// Parsed.
    pub(super) syntax: syn::File,
}

/// A path such as `crate::fleet::Fleet`, made absolute, and the line that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Its parts. `*` stands for everything, or for a root that was given another name.
    pub(super) parts: Vec<String>,
    /// Its line.
    pub(super) line: usize,
    /// Followed by `!`.
    pub(super) is_macro: bool,
    /// Followed by `as`.
    pub(super) renamed: bool,
}

impl Source {
    pub(super) fn read(root: &Path, path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(&super::relative(root, path), &text)
    }

    pub(super) fn parse(path: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text: text.to_owned(), syntax }
    }

    /// The room that the file is in: `base`, `console/app`, `cli`, `lib`; `None` outside `src`.
    pub(super) fn room(&self) -> Option<String> {
        let inside = self.path.strip_prefix("src/")?;
        let mut parts = inside.split('/');
        let first = parts.next()?.trim_end_matches(".rs");
        match parts.next() {
            Some(second) if first == "console" && parts.next().is_some() => Some(format!("{first}/{second}")),
            _ => Some(first.to_owned()),
        }
    }

    /// Whether a line is within an inline module that only tests compile.
    pub(super) fn is_test(&self, line: usize) -> bool {
        use syn::spanned::Spanned as _;
        self.syntax.items.iter().any(|item| {
            let syn::Item::Mod(module) = item else { return false };
            let only_for_tests = module.attrs.iter().any(|attribute| {
                attribute.path().is_ident("cfg")
                    && attribute.parse_args::<syn::Path>().is_ok_and(|of| of.is_ident("test"))
            });
            only_for_tests && (module.span().start().line..=module.span().end().line).contains(&line)
        })
    }

    /// The module that the file is, as parts below `crate`.
    fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path).trim_end_matches(".rs");
        let mut parts: Vec<String> = inside.split('/').map(str::to_owned).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    }

    /// Every path in the file, from its tokens: `use` trees, full paths, attributes and the insides of macros.
    pub(super) fn paths(&self) -> Vec<Named> {
        let tokens: TokenStream = self.text.parse().unwrap_or_else(|error| panic!("{}: {error}", self.path));
        let mut walk = Walk { found: Vec::new() };
        walk.stream(tokens, &self.module(), &[]);
        walk.found
    }
}

struct Walk {
    found: Vec<Named>,
}

impl Walk {
    /// Collects the paths of a stream. `prefix` is what stands before the braces of a `use` tree.
    fn stream(&mut self, tokens: TokenStream, module: &[String], prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Ident(_) => self.path(&tokens, at, module, prefix),
                TokenTree::Group(group) => {
                    let inner = inline_module(&tokens, at);
                    let module: Vec<String> = module.iter().cloned().chain(inner).collect();
                    self.stream(group.stream(), &module, &[]);
                    at + 1
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' && !prefix.is_empty() => {
                    self.note(prefix, "*", punct.span().start().line);
                    at + 1
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => at + 1,
            };
        }
    }

    /// Reads one path from `at` on and returns where it ends.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, module: &[String], prefix: &[String]) -> usize {
        let line = tokens[at].span().start().line;
        let mut parts = prefix.to_vec();
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            parts.push(ident.to_string());
            at += 1;
            if !is_colons(tokens, at) {
                break;
            }
            at += 2;
        }
        // A method, a field or a macro's `$crate` aside, what began without a prefix is absolute or relative to here.
        let parts = if prefix.is_empty() { absolute(parts, module) } else { parts };
        match tokens.get(at) {
            Some(TokenTree::Group(group)) if after_colons(tokens, at) && group.delimiter() == Delimiter::Brace => {
                self.stream(group.stream(), module, &parts);
                return at + 1;
            }
            Some(TokenTree::Punct(punct)) if after_colons(tokens, at) && punct.as_char() == '*' => {
                self.note(&parts, "*", line);
                return at + 1;
            }
            Some(TokenTree::Ident(word)) if word == "as" && parts == ["crate"] => self.note(&parts, "*", line),
            _ => {
                let is_macro = matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
                let renamed = matches!(tokens.get(at), Some(TokenTree::Ident(word)) if word == "as");
                self.found.push(Named { parts, line, is_macro, renamed });
            }
        }
        at
    }

    fn note(&mut self, parts: &[String], last: &str, line: usize) {
        let parts = parts.iter().cloned().chain([last.to_owned()]).collect();
        self.found.push(Named { parts, line, is_macro: false, renamed: false });
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn after_colons(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_colons(tokens, at - 2)
}

/// The name of the inline module whose braces stand at `at`.
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (tokens.get(at.checked_sub(2)?)?, tokens.get(at - 1)?) {
        (TokenTree::Ident(word), TokenTree::Ident(name)) if word == "mod" => Some(name.to_string()),
        _ => None,
    }
}

/// `self::x` and `super::x` as `crate::…`; everything else as written.
fn absolute(parts: Vec<String>, module: &[String]) -> Vec<String> {
    let ups = parts.iter().take_while(|part| *part == "super").count();
    let skip = if parts.first().is_some_and(|part| part == "self") { 1 } else { ups };
    if skip == 0 || (skip == 1 && parts.len() == 1) {
        return parts;
    }
    let here = &module[..module.len().saturating_sub(ups)];
    let crate_root = std::iter::once("crate".to_owned());
    crate_root.chain(here.iter().cloned()).chain(parts.into_iter().skip(skip)).collect()
}
