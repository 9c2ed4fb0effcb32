//! What goes with a call and must come back in nothing that is kept.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::base::failure::Failure;
use crate::operation::Outcome;

/// So many letters of a secret in a row are no accident.
const TELLING: usize = 12;

/// Nova's complaints about a body repeat it. Where one repeats user data, nothing of it is kept but that it was said.
pub(super) fn kept_out(mut outcome: Outcome, enclosed: Option<&SecretString>) -> Outcome {
    let Some(secret) = enclosed else { return outcome };
    if let Outcome::Refused { failure, .. } | Outcome::Unsent { failure, .. } | Outcome::Lost { failure } = &mut outcome
    {
        clean(failure, secret);
    }
    outcome
}

fn clean(failure: &mut Failure, secret: &SecretString) {
    let plain = secret.expose_secret();
    let encoded = BASE64_STANDARD.encode(plain);
    let leaks = |text: &str| text.contains("'user_data'") || repeats(text, plain) || repeats(text, &encoded);
    for text in std::iter::once(&mut failure.message).chain(&mut failure.causes).chain(&mut failure.hints) {
        if leaks(text) {
            "What the cloud said repeats the user data, and is not kept".clone_into(text);
        }
    }
}

/// Whether a text has some letters in a row of the secret; a short one counts as a whole.
fn repeats(text: &str, secret: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let length = TELLING.min(secret.chars().count());
    length > 0 && letters.windows(length).any(|part| secret.contains(&part.iter().collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::failure::FailureKind;

    #[test]
    fn a_complaint_that_repeats_user_data_is_not_kept() {
        let secret: SecretString = "#cloud-config\npassword: hunter2-hunter2\n".to_owned().into();
        let encoded = BASE64_STANDARD.encode(secret.expose_secret());
        let said = |text: &str| {
            let failure = Failure::new(FailureKind::Bug, text).cause("compute answered 400");
            match kept_out(Outcome::Lost { failure }, Some(&secret)) {
                Outcome::Lost { failure } => failure,
                other => panic!("{other:?}"),
            }
        };
        for leak in
            [format!("Value: {encoded}"), format!("Value: …{}…", &encoded[9..24]), "a hunter2-hunter2".to_owned()]
        {
            let failure = said(&leak);
            assert_eq!(failure.message, "What the cloud said repeats the user data, and is not kept", "{leak}");
            assert_eq!(failure.causes, ["compute answered 400"]);
        }
        assert_eq!(said("Flavor 99 could not be found").message, "Flavor 99 could not be found");
    }
}
