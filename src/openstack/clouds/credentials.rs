//! Who signs in, how, and what for.

use secrecy::SecretString;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::openstack::auth::application_credential::{ApplicationCredential, Which};
use crate::openstack::auth::password::{Password, User};
use crate::openstack::auth::token::Token;
use crate::openstack::auth::totp::Totp;
use crate::openstack::auth::{DomainRef, Method, ProjectRef, Scope};
use crate::openstack::clouds::fields::Fields;

/// The names of `auth_type` that we know.
const KNOWN: [&str; 6] = ["password", "v3password", "token", "v3token", "v3applicationcredential", "v3totp"];

/// Method and scope of an entry.
pub(super) fn read(fields: &Fields<'_>) -> Result<(Method, Scope), Failure> {
    let kind = match fields.text(&["auth_type", "auth_plugin"])? {
        Some(kind) => kind,
        None => told_by_keys(fields)?,
    };
    let version = fields.text(&["identity_api_version"])?;
    if version.is_some_and(|version| version.starts_with('2')) {
        return Err(unsupported(fields.wrong_key("identity_api_version", "must be 3: version 2 is gone")));
    }
    let method = match kind {
        "password" | "v3password" => Method::Password(Password { user: user(fields)?, password: password(fields)? }),
        "token" | "v3token" => Method::Token(Token(needed(fields, &["token", "auth_token"])?)),
        "v3applicationcredential" => Method::ApplicationCredential(application_credential(fields)?),
        "v3totp" => Method::Totp(Totp { user: user(fields)?, passcode: fields.secret(&["passcode"])? }),
        _ => return Err(unknown(fields, kind)),
    };
    let scope = if method.sign_in().takes_scope() { scope(fields)? } else { Scope::Unscoped };
    Ok((method, scope))
}

fn told_by_keys(fields: &Fields<'_>) -> Result<&'static str, Failure> {
    if fields.auth(&["application_credential_id", "application_credential_name"])?.is_some() {
        return Ok("v3applicationcredential");
    }
    let has_token = fields.auth(&["token", "auth_token"])?.is_some();
    Ok(if has_token { "token" } else { "password" })
}

fn unsupported(failure: Failure) -> Failure {
    Failure { kind: FailureKind::Unsupported, ..failure }
}

fn unknown(fields: &Fields<'_>, kind: &str) -> Failure {
    let why = format!("is not one that Stackdeck knows: {}", KNOWN.join(", "));
    let failure = unsupported(fields.wrong_key("auth_type", &why));
    match nearest(kind, KNOWN) {
        Some(meant) => failure.hint(format!("{meant} may be meant")),
        None => failure,
    }
}

fn password(fields: &Fields<'_>) -> Result<Option<SecretString>, Failure> {
    fields.secret(&["password"])
}

fn needed(fields: &Fields<'_>, keys: &[&str]) -> Result<SecretString, Failure> {
    fields.secret(keys)?.ok_or_else(|| fields.missing(keys.first().copied().unwrap_or_default()))
}

fn user(fields: &Fields<'_>) -> Result<User, Failure> {
    if let Some(id) = fields.auth(&["user_id"])? {
        return Ok(User::Id(id.to_owned()));
    }
    let name = fields.auth(&["username", "user_name", "user"])?.ok_or_else(|| fields.missing("username"))?;
    Ok(User::Name(name.to_owned(), domain(fields, "user_domain")?))
}

/// `<what>_id`, `<what>_name`, the default domain, or the domain whose id is `default`, in this order.
fn domain(fields: &Fields<'_>, what: &str) -> Result<DomainRef, Failure> {
    let named = named_domain(fields, what)?;
    let default = fields.auth(&["default_domain_id", "default_domain"])?;
    let default_name = fields.auth(&["default_domain_name"])?;
    Ok(named
        .or(default.map(|id| DomainRef::Id(id.to_owned())))
        .or(default_name.map(|name| DomainRef::Name(name.to_owned())))
        .unwrap_or_else(|| DomainRef::Id("default".to_owned())))
}

fn named_domain(fields: &Fields<'_>, what: &str) -> Result<Option<DomainRef>, Failure> {
    if let Some(id) = fields.auth(&[&format!("{what}_id")])? {
        return Ok(Some(DomainRef::Id(id.to_owned())));
    }
    Ok(fields.auth(&[&format!("{what}_name")])?.map(|name| DomainRef::Name(name.to_owned())))
}

fn application_credential(fields: &Fields<'_>) -> Result<ApplicationCredential, Failure> {
    let which = match fields.auth(&["application_credential_id"])? {
        Some(id) => Which::Id(id.to_owned()),
        None => {
            let name = fields.auth(&["application_credential_name"])?;
            let name = name.ok_or_else(|| fields.missing("application_credential_id"))?;
            Which::Name(name.to_owned(), user(fields)?)
        }
    };
    Ok(ApplicationCredential { which, secret: needed(fields, &["application_credential_secret"])? })
}

fn scope(fields: &Fields<'_>) -> Result<Scope, Failure> {
    if let Some(id) = fields.auth(&["project_id", "tenant_id"])? {
        return Ok(Scope::Project(ProjectRef::Id(id.to_owned())));
    }
    if let Some(name) = fields.auth(&["project_name", "tenant_name"])? {
        return Ok(Scope::Project(ProjectRef::Name(name.to_owned(), project_domain(fields)?)));
    }
    if let Some(what) = fields.auth(&["system_scope"])? {
        return match what {
            "all" | "true" | "True" => Ok(Scope::System),
            _ => Err(fields.wrong_key("system_scope", "must be all")),
        };
    }
    Ok(named_domain(fields, "domain")?.map_or(Scope::Unscoped, Scope::Domain))
}

/// Of a project given by name. Without its own, the user's: that is what people mean.
fn project_domain(fields: &Fields<'_>) -> Result<DomainRef, Failure> {
    match named_domain(fields, "project_domain")? {
        Some(domain) => Ok(domain),
        None => domain(fields, "user_domain"),
    }
}
