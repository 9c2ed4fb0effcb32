//! What a ticket has to look like.

use regex::Regex;

/// A regular expression that a ticket has to fit as a whole.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    /// None where it could not be read: nothing fits then.
    regex: Option<Regex>,
}

impl Pattern {
    /// From its text.
    ///
    /// # Errors
    /// When that is no regular expression, and why.
    pub fn read(text: &str) -> Result<Self, String> {
        // By itself first: `a)(b` would be right between parentheses.
        let wrong = |error: regex::Error| {
            let told = error.to_string();
            let why = told.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            format!("wants a regular expression such as \"CHG-[0-9]+\", not `{text}`: {why}")
        };
        Regex::new(text).map_err(wrong)?;
        let regex = Regex::new(&format!("^(?:{text})$")).map_err(wrong)?;
        Ok(Self { text: text.to_owned(), regex: Some(regex) })
    }

    /// In the place of one that could not be read.
    pub fn unread() -> Self {
        Self { text: "a pattern that could not be read".to_owned(), regex: None }
    }

    /// Whether that ticket fits.
    pub fn fits(&self, ticket: &str) -> bool {
        self.regex.as_ref().is_some_and(|regex| regex.is_match(ticket))
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.regex.is_some()) == (&other.text, other.regex.is_some())
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_fits_as_a_whole_or_not() {
        let pattern = Pattern::read("CHG-[0-9]+|INC[0-9]{7}").unwrap();
        let fitting = ["CHG-1", "CHG-12345", "INC0012345"];
        let others = ["", "CHG-", "xCHG-1", "CHG-1x", "INC123", "chg-1", "CHG-1\nCHG-2"];
        assert!(fitting.iter().all(|ticket| pattern.fits(ticket)));
        assert!(!others.iter().any(|ticket| pattern.fits(ticket)));
        assert!(!Pattern::unread().fits("CHG-1") && Pattern::unread() != pattern);
        for wrong in ["CHG-(", "a)(b", "[0-"] {
            let why = Pattern::read(wrong).unwrap_err();
            assert!(why.contains(&format!("not `{wrong}`: ")), "{why}");
        }
    }
}
