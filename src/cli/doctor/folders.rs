//! The folders on disk: whether they can be written, and by nobody else.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{Access, access};

use crate::base::failure::{Failure, FailureKind};
use crate::config::Settings;

use super::Findings;

const PART: &str = "state";

pub(super) fn examine(settings: &Settings, findings: &mut Findings) {
    examine_folder("state folder", "state_dir", &settings.state_dir, findings);
    examine_folder("cache folder", "cache_dir", &settings.cache_dir, findings);
}

fn examine_folder(subject: &str, option: &str, folder: &Path, findings: &mut Findings) {
    let shown = folder.display();
    match std::fs::metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => {
            let failure = Failure::new(FailureKind::Usage, format!("{shown} is no folder"));
            findings.problem(PART, subject, &failure.hint(format!("Move it away, or name another with `{option}`")));
        }
        Ok(metadata) => examine_mode(subject, option, folder, &metadata, findings),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => absent(subject, option, folder, findings),
        Err(error) => {
            let failure =
                Failure::new(FailureKind::Usage, format!("{shown} cannot be looked at")).cause(error.to_string());
            findings.problem(PART, subject, &failure.hint(format!("Name another with `{option}`")));
        }
    }
}

fn examine_mode(subject: &str, option: &str, folder: &Path, metadata: &Metadata, findings: &mut Findings) {
    let shown = folder.display();
    let mode = metadata.permissions().mode() & 0o7777;
    if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let failure = Failure::new(FailureKind::Usage, format!("{shown} cannot be written"));
        findings.problem(
            PART,
            subject,
            &failure.hint(format!("Give yourself access, or name another with `{option}`")),
        );
    } else if mode & 0o2777 == 0o2770 {
        findings.ok(PART, subject, format!("{shown}, mode {mode:04o}: shared with its group, on purpose"));
    } else if mode & 0o077 != 0 {
        let advice = format!("chmod 700 {shown}");
        findings.warn(PART, subject, format!("{shown} has mode {mode:04o}: others may look in"), &advice);
    } else {
        findings.ok(PART, subject, format!("{shown}, mode {mode:04o}"));
    }
}

/// A folder that is not there is made when it is needed, if that can be done.
fn absent(subject: &str, option: &str, folder: &Path, findings: &mut Findings) {
    let shown = folder.display();
    let nearest = folder.ancestors().find(|above| above.exists());
    if nearest.is_some_and(|above| access(above, Access::WRITE_OK | Access::EXEC_OK).is_ok()) {
        return findings.ok(PART, subject, format!("{shown}, not there yet; it is made when it is needed"));
    }
    let failure = Failure::new(FailureKind::Usage, format!("{shown} is not there and cannot be made"));
    findings.problem(PART, subject, &failure.hint(format!("Name another with `{option}`")));
}
