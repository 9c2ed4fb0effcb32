//! Approvals on disk: signed and verified by `ssh-keygen`, because OpenSSH knows agents, passphrases and hardware keys.
//!
//! `FILE.sig` has the armored signature and, below it, the text that was signed. OpenSSH takes it as it is: what stands
//! behind a signature is nothing to it. No key is ever read here.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::text::sanitise;
use crate::cli::change::file;
use crate::operation::approval::{Approval, Statement};
use crate::operation::draft::Approved;
use crate::operation::record::Actor;
use crate::operation::saved::Saved;

const PROGRAM: &str = "ssh-keygen";
/// What the signature is for: one for another purpose does not count.
const NAMESPACE: &str = "stackdeck-plan";
const END: &str = "-----END SSH SIGNATURE-----\n";
/// More is no approval.
const LONGEST: u64 = 64 << 10;
/// What people have whose key has no other name, in OpenSSH's own order of liking.
const USUAL: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/// Where a plan's approval is.
pub(super) fn beside(plan: &Path) -> PathBuf {
    let mut name = plan.file_name().unwrap_or_default().to_owned();
    name.push(".sig");
    plan.with_file_name(name)
}

/// The key to sign with: the one that was named, or the first usual one. Of one in an agent there is the public half.
///
/// # Errors
/// When there is none.
pub(super) fn key(named: Option<&Path>, home: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        let missing = || {
            let message = format!("There is no key {}", named.display());
            Failure::new(FailureKind::Usage, message).hint("Of a key in an agent, name the file with its public half")
        };
        return named.exists().then(|| named.to_owned()).ok_or_else(missing);
    }
    let folder = home.map(|home| home.join(".ssh")).unwrap_or_default();
    let each = USUAL.iter().flat_map(|name| [folder.join(name), folder.join(format!("{name}.pub"))]);
    each.into_iter().find(|key| key.exists()).ok_or_else(|| {
        let message = format!("None of {} is in {}: with which key?", USUAL.join(", "), folder.display());
        Failure::new(FailureKind::Usage, message)
            .hint("--key FILE names your SSH key, or of one in an agent the file with its public half")
    })
}

/// Signs, and writes the approval beside the plan.
///
/// # Errors
/// When `ssh-keygen` is not there or does not sign, or the file cannot be written.
pub(super) fn sign(statement: &Statement, key: &Path, plan: &Path) -> Result<PathBuf, Failure> {
    let text = statement.text();
    let folder = Aside::new().map_err(|error| wrong("A folder to sign in cannot be made", &error.to_string()))?;
    let unsigned = folder.0.join("approval");
    fs::write(&unsigned, &text).map_err(|error| wrong("The approval cannot be signed", &error.to_string()))?;
    let mut command = Command::new(PROGRAM);
    command.args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"]).arg(key).arg(&unsigned);
    // It may ask for a passphrase or a touch, at the terminal.
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(|error| missing(&error))?;
    let signed = Some(beside(&unsigned)).filter(|_| output.status.success()).map(fs::read_to_string);
    let Some(Ok(signature)) = signed else {
        return Err(wrong(&format!("{PROGRAM} has not signed with {}", key.display()), &said(&output))
            .hint("`ssh-keygen -y -f KEY` tells whether the key can be used; --key FILE names another"));
    };
    let to = beside(plan);
    file::write_text(&to, &format!("{signature}{text}"), 0o644)?;
    Ok(to)
}

/// What lies beside a plan, held against the keys that count. No file is nobody's approval.
pub(super) fn approved(
    plan: &Path,
    saved: &Saved,
    signers: Option<&Path>,
    starter: &Actor,
    (now, holds): (Timestamp, Duration),
) -> Approved {
    let file = beside(plan);
    let text = match read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Approved::Nobody,
        Err(error) => return Approved::Not(format!("{} cannot be read: {error}", file.display())),
    };
    let not = |why: String| Approved::Not(format!("{}: {why}", file.display()));
    let Some((statement, signature)) = parts(&text) else {
        return not("it is no approval as `stackdeck approve` writes it".to_owned());
    };
    let Some(signers) = signers else {
        return not("`[operations] allowed_signers` names no file, so nobody's key counts".to_owned());
    };
    if let Err(why) = fs::File::open(signers) {
        return not(format!("the allowed signers in {} cannot be read: {why}", signers.display()));
    }
    let (signer, key) = match verified(&file, &statement, signers) {
        Ok(Ok(verified)) => verified,
        Ok(Err(why)) => return not(why),
        Err(failure) => return not(failure.message),
    };
    match statement.counts(saved, starter, now, holds) {
        Ok(()) => Approved::By(Approval::of(statement, signer, key, signature.to_owned())),
        Err(why) => not(why),
    }
}

/// The text that was signed, and the signature.
fn parts(text: &str) -> Option<(Statement, &str)> {
    let at = text.find(END)? + END.len();
    let (signature, text) = text.split_at(at);
    Some((Statement::read(text)?, signature))
}

/// Whose signature it is, and the fingerprint of the key.
fn verified(file: &Path, statement: &Statement, signers: &Path) -> Result<Result<(String, String), String>, Failure> {
    let found = ask(["-Y", "find-principals", "-f"].map(OsStr::new).as_slice(), signers, file, None)?;
    let principals = String::from_utf8_lossy(&found.stdout);
    let Some(signer) = principals.lines().next().filter(|_| found.status.success()) else {
        return Ok(Err(format!("its key is none of those in {}", signers.display())));
    };
    let arguments = ["-Y", "verify", "-n", NAMESPACE, "-I", signer, "-f"].map(OsStr::new);
    let verified = ask(arguments.as_slice(), signers, file, Some(&statement.text()))?;
    if !verified.status.success() {
        return Ok(Err(format!("the signature does not hold: {}", said(&verified))));
    }
    let told = String::from_utf8_lossy(&verified.stdout).into_owned();
    let key = told.split_whitespace().find(|word| word.starts_with("SHA256:")).unwrap_or("untold");
    Ok(Ok((sanitise(signer).into_owned(), key.to_owned())))
}

/// Asks `ssh-keygen` about a signature.
fn ask(arguments: &[&OsStr], signers: &Path, file: &Path, text: Option<&str>) -> Result<Output, Failure> {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).arg(signers).arg("-s").arg(file);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| missing(&error))?;
    // Whoever does not read it has told why by then.
    let _ = child.stdin.take().map(|mut to| to.write_all(text.unwrap_or_default().as_bytes()));
    child.wait_with_output().map_err(|error| missing(&error))
}

fn missing(error: &io::Error) -> Failure {
    if error.kind() != io::ErrorKind::NotFound {
        return wrong(&format!("{PROGRAM} cannot be run"), &error.to_string());
    }
    Failure::new(FailureKind::Unsupported, format!("{PROGRAM} is not on this machine: approvals are signed by it"))
        .hint("It comes with OpenSSH's client: `openssh-client` in Debian, `openssh` elsewhere")
}

fn wrong(message: &str, why: &str) -> Failure {
    Failure::new(FailureKind::Usage, message).cause(why)
}

/// What it said about its failure, on one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { "it does not say why".to_owned() } else { sanitise(&lines.join("; ")).into_owned() }
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(file)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// A folder that nobody else can look into, gone at the end.
struct Aside(PathBuf);

impl Aside {
    fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("stackdeck-{:016x}", fastrand::u64(..)));
        DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
