//! Which files there are, and what stands in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::clouds::sources::Sources;
use crate::openstack::clouds::yaml::{self, Node};

/// The three files, as far as they exist.
#[derive(Default)]
pub(super) struct Files {
    /// `clouds.yaml`.
    pub(super) clouds: Option<Node>,
    /// `secure.yaml`: laid over the clouds.
    pub(super) secure: Option<Node>,
    /// `clouds-public.yaml`: profiles, laid under them.
    pub(super) public: Option<Node>,
    /// Those that were read.
    pub(super) read: Vec<PathBuf>,
    /// Those that could not be.
    pub(super) failures: Vec<Failure>,
}

impl Files {
    /// Reads what there is. Of each kind the first that exists is taken, as openstacksdk does.
    pub(super) fn read(sources: &Sources) -> Files {
        let mut files = Files::default();
        files.clouds = files.first(sources, "clouds", "OS_CLIENT_CONFIG_FILE");
        files.secure = files.first(sources, "secure", "OS_CLIENT_SECURE_FILE");
        files.public = files.first(sources, "clouds-public", "OS_CLIENT_VENDOR_FILE");
        files
    }

    fn first(&mut self, sources: &Sources, stem: &str, variable: &str) -> Option<Node> {
        if let Some(named) = sources.variable(variable) {
            let path = sources.path(named);
            match self.open(&path) {
                Some(found) => return found,
                None => self.failures.push(Failure::new(
                    FailureKind::Usage,
                    format!("{variable} names {}, which does not exist", path.display()),
                )),
            }
        }
        sources
            .folders()
            .iter()
            .flat_map(|folder| ["yaml", "yml", "json"].map(|end| folder.join(format!("{stem}.{end}"))))
            .find_map(|path| self.open(&path))
            .flatten()
    }

    /// `None`: there is no such file. `Some(None)`: there is, and it cannot be used.
    fn open(&mut self, path: &Path) -> Option<Option<Node>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return None,
            Err(error) => {
                self.refuse(format!("{} cannot be read: {}", path.display(), error.kind()));
                return Some(None);
            }
        };
        self.read.push(path.to_owned());
        match yaml::parse(&text, &Arc::from(path)) {
            Ok(node) => Some(Some(node)),
            Err(wrong) => {
                self.refuse(format!("{} line {} {}", path.display(), wrong.line, wrong.why));
                Some(None)
            }
        }
    }

    fn refuse(&mut self, message: String) {
        let failure = Failure::new(FailureKind::Usage, message);
        self.failures.push(failure.hint("Look at the indentation and the quotes of that line and the one before it"));
    }
}
