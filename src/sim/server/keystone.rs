//! Keystone: signing in, the catalog, projects.

use axum::http::Method;
use serde_json::{Value, json};

use super::ask::{Ask, Who};
use super::reply::{Reply, reason};
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::identity::{DOMAIN_ID, DOMAIN_NAME, Project, Role, Scope, Token};

const UNAUTHENTICATED: &str = "The request you have made requires authentication.";
const REGION: &str = "RegionOne";

/// Service type, name, and the path below the root, in the catalog's own words.
const CATALOG: [(&str, &str, &str); 7] = [
    ("identity", "keystone", "/identity/v3"),
    ("compute", "nova", "/compute/v2.1"),
    ("image", "glance", "/image"),
    ("network", "neutron", "/network"),
    ("load-balancer", "octavia", "/load-balancer"),
    ("metric", "gnocchi", "/metric"),
    ("metric-storage", "aetos", "/aetos"),
];

pub(super) fn fault(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"error": {"code": status, "message": message, "title": reason(status)}}))
}

fn unauthenticated(ask: &Ask) -> Reply {
    fault(401, UNAUTHENTICATED).with("www-authenticate", format!("Keystone uri=\"{}/identity/v3\"", ask.root))
}

pub(super) fn route(world: &mut World, ask: &Ask) -> Reply {
    match (&ask.method, ask.segments().as_slice()) {
        (&Method::GET, []) => {
            let root = format!("{}/identity/v3/", ask.root);
            Reply::json(300, &json!({"versions": {"values": [version(ask)]}})).with("location", root)
        }
        (&Method::GET, ["v3"]) => Reply::json(200, &json!({"version": version(ask)})),
        (&Method::POST, ["v3", "auth", "tokens"]) => sign_in(world, ask),
        (&Method::GET, ["v3", "auth", "tokens"]) => show_token(world, ask),
        (&Method::DELETE, ["v3", "auth", "tokens"]) => Reply::empty(204),
        (&Method::GET, ["v3", "auth", "projects"]) => {
            signed_in(world, ask).map_or_else(|| unauthenticated(ask), |who| projects(world, ask, &who))
        }
        (&Method::GET, ["v3", "projects"]) if signed_in(world, ask).is_some_and(|who| who.admin()) => {
            projects_of(ask, world.identity.projects.iter(), "projects")
        }
        (&Method::GET, ["v3", "users" | "projects"]) => forbidden(world, ask),
        _ => Reply::bytes(404, "text/html; charset=utf-8", NOT_FOUND.as_bytes().to_vec()),
    }
}

const NOT_FOUND: &str = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n";

fn forbidden(world: &World, ask: &Ask) -> Reply {
    if signed_in(world, ask).is_none() {
        return unauthenticated(ask);
    }
    let what = ask.segments().last().copied().unwrap_or_default().to_owned();
    fault(403, &format!("You are not authorized to perform the requested action: identity:list_{what}."))
}

fn version(ask: &Ask) -> Value {
    json!({
        "id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": format!("{}/identity/v3/", ask.root)}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    })
}

/// Who a request's token belongs to.
pub(super) fn signed_in(world: &World, ask: &Ask) -> Option<Who> {
    let token = world.identity.token(ask.header("x-auth-token")?, world.now())?;
    let project = match token.scope {
        Scope::Project(project) => Some(project),
        _ => None,
    };
    Some(Who { user: token.user, project, role: token.role.unwrap_or(Role::Reader) })
}

fn projects(world: &World, ask: &Ask, who: &Who) -> Reply {
    let roles = world.identity.user(who.user).map(|user| user.roles.clone()).unwrap_or_default();
    projects_of(ask, roles.iter().filter_map(|(id, _)| world.identity.project(*id)), "auth/projects")
}

fn projects_of<'a>(ask: &Ask, those: impl Iterator<Item = &'a Project>, path: &str) -> Reply {
    let base = format!("{}/identity/v3", ask.root);
    let listed: Vec<Value> = those
        .map(|project| {
            let id = project.id.hex();
            json!({
                "id": id, "name": project.name, "domain_id": DOMAIN_ID, "description": "", "enabled": true,
                "parent_id": DOMAIN_ID, "is_domain": false, "tags": [], "options": {},
                "links": {"self": format!("{base}/projects/{id}")},
            })
        })
        .collect();
    let links = json!({"next": null, "self": format!("{base}/{path}"), "previous": null});
    Reply::json(200, &json!({"projects": listed, "links": links}))
}

/// A proven identity: who, by which method, and what it may be used for.
struct Proof {
    user: Uid,
    method: &'static str,
    from: Option<Token>,
    /// An application credential brings its own scope and role.
    bound: Option<(Uid, Role)>,
}

fn sign_in(world: &mut World, ask: &Ask) -> Reply {
    let Some(body) = ask.json() else { return malformed() };
    let Some(auth) = body.get("auth") else { return malformed() };
    let Some(proof) = prove(world, auth) else { return unproven(ask, auth) };
    let wants_scope = auth.get("scope").is_some_and(|scope| scope.as_str() != Some("unscoped"));
    let granted = match proof.bound {
        Some(_) if wants_scope => return fault(401, "Application credentials cannot request a scope."),
        Some((project, role)) => Some((Scope::Project(project), Some(role))),
        None if !wants_scope => Some((Scope::Unscoped, None)),
        None => grant(world, proof.user, &auth["scope"]),
    };
    let Some((scope, role)) = granted else { return unauthenticated(ask) };
    let (text, token) = world.issue_token(proof.user, scope, role, proof.method, proof.from);
    let catalog = ask.query("nocatalog").is_none();
    Reply::json(201, &shown(world, ask, &token, catalog)).with("x-subject-token", text)
}

/// A token that it does not know is not found; whatever else proves nothing is not authenticated.
fn unproven(ask: &Ask, auth: &Value) -> Reply {
    match auth["identity"]["methods"][0].as_str() {
        Some("token") => fault(404, "Failed to validate token"),
        _ => unauthenticated(ask),
    }
}

fn malformed() -> Reply {
    fault(
        400,
        "Expecting to find auth in request body. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.",
    )
}

fn prove(world: &World, auth: &Value) -> Option<Proof> {
    let identity = auth.get("identity")?;
    let methods = identity.get("methods")?.as_array()?;
    match methods.first()?.as_str()? {
        "password" => {
            let given = identity.get("password")?.get("user")?;
            let user = find_user(world, given)?;
            let right = given.get("password")?.as_str()? == user.password;
            right.then_some(Proof { user: user.id, method: "password", from: None, bound: None })
        }
        "token" => {
            let text = identity.get("token")?.get("id")?.as_str()?;
            let token = world.identity.token(text, world.now())?.clone();
            Some(Proof { user: token.user, method: "token", from: Some(token), bound: None })
        }
        "application_credential" => {
            let given = identity.get("application_credential")?;
            let found = world.identity.credentials.iter().find(|credential| {
                let by_id =
                    given.get("id").and_then(Value::as_str).is_some_and(|id| Uid::parse(id) == Some(credential.id));
                by_id || named_credential(world, given, credential.name.as_str(), credential.user)
            })?;
            let right = given.get("secret")?.as_str()? == found.secret;
            let bound = Some((found.project, found.role));
            right.then_some(Proof { user: found.user, method: "application_credential", from: None, bound })
        }
        _ => None,
    }
}

fn named_credential(world: &World, given: &Value, name: &str, user: Uid) -> bool {
    given.get("name").and_then(Value::as_str) == Some(name)
        && given.get("user").and_then(|whose| find_user(world, whose)).is_some_and(|found| found.id == user)
}

fn find_user<'a>(world: &'a World, given: &Value) -> Option<&'a crate::sim::world::identity::User> {
    if let Some(id) = given.get("id").and_then(Value::as_str) {
        return world.identity.user(Uid::parse(id)?);
    }
    in_domain(given)?;
    world.identity.user_named(given.get("name")?.as_str()?)
}

/// A name needs its domain beside it.
fn in_domain(given: &Value) -> Option<()> {
    let domain = given.get("domain")?;
    let right = domain.get("id").and_then(Value::as_str) == Some(DOMAIN_ID)
        || domain.get("name").and_then(Value::as_str) == Some(DOMAIN_NAME);
    right.then_some(())
}

fn grant(world: &World, user: Uid, scope: &Value) -> Option<(Scope, Option<Role>)> {
    if let Some(wanted) = scope.get("project") {
        let project = match wanted.get("id").and_then(Value::as_str) {
            Some(id) => world.identity.project(Uid::parse(id)?)?,
            None => {
                in_domain(wanted)?;
                world.identity.project_named(wanted.get("name")?.as_str()?)?
            }
        };
        let role = world.identity.role_in(user, project.id)?;
        return Some((Scope::Project(project.id), Some(role)));
    }
    let user = world.identity.user(user)?;
    if scope.get("system").is_some() {
        return user.system.then_some((Scope::System, Some(Role::Admin)));
    }
    scope.get("domain")?;
    user.system.then_some((Scope::Domain, Some(Role::Admin)))
}

fn show_token(world: &World, ask: &Ask) -> Reply {
    if signed_in(world, ask).is_none() {
        return unauthenticated(ask);
    }
    let subject = ask.header("x-subject-token").unwrap_or_default();
    match world.identity.token(subject, world.now()) {
        Some(token) => {
            let catalog = ask.query("nocatalog").is_none();
            Reply::json(200, &shown(world, ask, token, catalog)).with("x-subject-token", subject)
        }
        None => fault(404, "Could not find token: ."),
    }
}

fn shown(world: &World, ask: &Ask, token: &Token, catalog: bool) -> Value {
    let name = world.identity.user(token.user).map(|user| user.name.clone()).unwrap_or_default();
    let domain = json!({"id": DOMAIN_ID, "name": DOMAIN_NAME});
    let mut body = json!({
        "methods": token.methods, "audit_ids": token.audit,
        "user": {"domain": domain, "id": token.user.hex(), "name": name, "password_expires_at": null},
        "expires_at": token.expires.whole_second().zulu_micros(), "issued_at": token.issued.zulu_micros(),
    });
    match token.scope {
        Scope::Unscoped => return json!({"token": body}),
        Scope::Project(id) => {
            let name = world.identity.project(id).map(|project| project.name.clone()).unwrap_or_default();
            body["project"] = json!({"domain": domain, "id": id.hex(), "name": name});
            body["is_domain"] = json!(false);
        }
        Scope::Domain => body["domain"] = domain,
        Scope::System => body["system"] = json!({"all": true}),
    }
    let roles = token.role.map(Role::implied).unwrap_or_default();
    body["roles"] = roles.iter().map(|role| json!({"id": role.id().hex(), "name": role.name()})).collect();
    if catalog {
        body["catalog"] = CATALOG.iter().enumerate().map(|(at, entry)| catalog_entry(ask, at, entry)).collect();
    }
    json!({"token": body})
}

fn catalog_entry(ask: &Ask, at: usize, (kind, name, path): &(&str, &str, &str)) -> Value {
    let url = format!("{}{path}", ask.root);
    let endpoints: Vec<Value> = ["public", "internal", "admin"]
        .iter()
        .enumerate()
        .map(|(of, interface)| {
            let id = Uid(0x0c47_a109_0000_4000_8000_0000_0000_0000 + (at * 16 + of) as u128).hex();
            json!({"id": id, "interface": interface, "region_id": REGION, "region": REGION, "url": url})
        })
        .collect();
    json!({"endpoints": endpoints, "id": Uid(0x0c47_a10a_0000_4000_8000 + at as u128).hex(), "type": kind, "name": name})
}
