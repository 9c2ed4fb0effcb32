//! `clouds.yaml` and its kin, as users have them and as they get them wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use secrecy::ExposeSecret;
use stackdeck::base::failure::Failure;
use stackdeck::openstack::auth::application_credential::Which;
use stackdeck::openstack::auth::password::User;
use stackdeck::openstack::auth::{DomainRef, Method, ProjectRef, Scope};
use stackdeck::openstack::clouds::{Clouds, Interface, Sources, load};
use stackdeck::openstack::{CloudConfig, Microversion};

use crate::support::folder::Folder;

/// A home of its own.
struct Home(Folder);

impl Home {
    fn new() -> Self {
        Self(Folder::new())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
        self
    }

    fn load(&self, variables: &[(&str, &str)]) -> Clouds {
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load(&Sources { variables, cwd: self.path("cwd"), home: Some(self.path("home")), system: self.path("etc") })
    }
}

fn entry(text: &str) -> Result<CloudConfig, Failure> {
    let home = Home::new();
    let file = home.write("cwd/clouds.yaml", &format!("clouds:\n  c:\n{text}"));
    file.load(&[]).get(Some("c")).cloned()
}

fn good(text: &str) -> CloudConfig {
    entry(text).unwrap_or_else(|failure| panic!("{failure:?}"))
}

const MINIMAL: &str = "    auth: {auth_url: 'http://k:5000/v3', username: u, password: p, project_name: x}\n";

fn password(config: &CloudConfig) -> (&User, &str) {
    let Method::Password(method) = &config.method else { panic!("{config:?}") };
    (&method.user, method.password.as_ref().expect("a password").expose_secret())
}

#[test]
fn the_three_usual_places_in_order() {
    let home = Home::new();
    let with =
        |user: &str| format!("clouds: {{c: {{auth: {{auth_url: 'http://k/v3', username: {user}, password: p}}}}}}");
    let user = |home: &Home| match password(home.load(&[]).get(Some("c")).expect("a cloud")).0 {
        User::Name(name, _) => name.clone(),
        User::Id(_) => panic!("by name"),
    };
    home.write("etc/clouds.yaml", &with("system"));
    assert_eq!(user(&home), "system");
    home.write("home/.config/openstack/clouds.yml", &with("home"));
    assert_eq!(user(&home), "home");
    home.write("cwd/clouds.yaml", &with("here"));
    assert_eq!(user(&home), "here");
    home.write(
        "other.json",
        r#"{"clouds": {"j": {"auth": {"auth_url": "http://k/v3", "username": "json", "password": "p"}}}}"#,
    );
    let file = home.path("other.json");
    let clouds = home.load(&[("OS_CLIENT_CONFIG_FILE", file.to_str().expect("text"))]);
    assert_eq!(clouds.entries.keys().collect::<Vec<_>>(), ["j"]);
    assert_eq!((clouds.files.as_slice(), clouds.default.as_deref()), ([file].as_slice(), Some("j")));
}

#[test]
fn secure_yaml_lies_over_and_profiles_lie_under() {
    let home = Home::new();
    home.write("cwd/clouds.yaml", "clouds:\n  c:\n    profile: acme\n    auth: {username: u, project_name: x}\n")
        .write("home/.config/openstack/secure.yaml", "clouds: {c: {auth: {password: 'from secure'}}}")
        .write(
            "etc/clouds-public.yaml",
            "public-clouds: {acme: {region_name: R, auth: {auth_url: 'https://k/v3', username: nobody}}}",
        );
    let clouds = home.load(&[]);
    let config = clouds.get(Some("c")).expect("a cloud");
    assert_eq!(config.auth_url, "https://k/v3");
    assert_eq!(config.region.as_deref(), Some("R"));
    assert_eq!(password(config), (&User::Name("u".into(), DomainRef::Id("default".into())), "from secure"));
    assert_eq!(clouds.files.len(), 3);
    home.write("sec.yaml", "clouds: {c: {auth: {password: elsewhere}}}");
    let named = home.path("sec.yaml");
    let clouds = home.load(&[("OS_CLIENT_SECURE_FILE", named.to_str().expect("text"))]);
    assert_eq!(password(clouds.get(Some("c")).expect("a cloud")).1, "elsewhere");
}

#[test]
fn the_variables_alone_are_a_cloud() {
    let variables = [
        ("OS_AUTH_URL", "https://k:5000"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p:#&*"),
        ("OS_PROJECT_NAME", "x"),
        ("OS_USER_DOMAIN_NAME", "Default"),
        ("OS_PROJECT_DOMAIN_ID", "d1"),
        ("OS_ENDPOINT_TYPE", "internalURL"),
        ("OS_REGION_NAME", "R2"),
        ("OS_INSECURE", "true"),
        ("OS_CACERT", "~/ca.pem"),
        ("OS_LOAD_BALANCER_ENDPOINT_OVERRIDE", "http://lb"),
        ("OS_COMPUTE_DEFAULT_MICROVERSION", "2.60"),
        ("https_proxy", "http://user:pw@proxy:3128"),
    ];
    let home = Home::new();
    let clouds = home.load(&variables);
    assert_eq!(clouds.default.as_deref(), Some("envvars"));
    let config = clouds.get(None).expect("the environment");
    assert_eq!(password(config), (&User::Name("u".into(), DomainRef::Name("Default".into())), "p:#&*"));
    assert_eq!(config.scope, Scope::Project(ProjectRef::Name("x".into(), DomainRef::Id("d1".into()))));
    assert_eq!(config.interfaces, [Interface::Internal]);
    assert!(!config.tls.verify);
    assert_eq!(config.tls.cacert, Some(home.path("home/ca.pem")));
    assert_eq!(config.endpoint_overrides["load-balancer"], "http://lb");
    assert_eq!(config.default_microversions["compute"], Microversion(2, 60));
    assert!(config.proxies.https.is_some() && !format!("{config:?}").contains("pw@"));

    home.write("cwd/clouds.yaml", &format!("clouds:\n  c:\n{MINIMAL}"));
    let chosen = home.load(&[variables.as_slice(), &[("OS_CLOUD", "c")]].concat());
    assert_eq!(chosen.get(None).expect("a cloud").name, "c", "OS_CLOUD goes before");
    assert_eq!(home.load(&[("OS_REGION_NAME", "R")]).default.as_deref(), Some("c"), "a region alone is no cloud");
    let failure = home.load(&[("OS_USERNAME", "u")]).get(None).expect_err("no URL").message;
    assert_eq!(failure, "Cloud envvars: auth_url is missing (the variable OS_AUTH_URL)");
    let failure = home.load(&[("OS_AUTH_URL", "https://k"), ("OS_USERNAME", "u"), ("OS_INTERFACE", "pubic")]);
    let failure = failure.get(None).expect_err("no interface").clone();
    assert_eq!(
        failure.message,
        "Cloud envvars: interface must be public, internal or admin (the variable OS_INTERFACE)"
    );
}

#[test]
fn a_password_that_the_chosen_cloud_lacks_is_taken_from_the_environment() {
    let home = Home::new();
    let open = "    auth: {auth_url: 'http://k:5000/v3', username: u, project_name: x}\n";
    let credential =
        "    auth: {auth_url: 'http://k', application_credential_id: i, application_credential_secret: s}\n";
    let text = format!("clouds:\n  open:\n{open}  other:\n{open}  full:\n{MINIMAL}  credential:\n{credential}");
    home.write("cwd/clouds.yaml", &text);
    let chosen = |name| home.load(&[("OS_CLOUD", name), ("OS_PASSWORD", "typed")]);
    assert_eq!(password(chosen("open").get(None).expect("a cloud")).1, "typed");
    assert_eq!(password(chosen("full").get(None).expect("a cloud")).1, "p", "never laid over one that is there");
    let clouds = chosen("open");
    let other = &clouds.get(Some("other")).expect("a cloud").method;
    assert!(matches!(other, Method::Password(method) if method.password.is_none()), "of the chosen cloud alone");
    let clouds = chosen("credential");
    assert!(matches!(clouds.get(None).expect("a cloud").method, Method::ApplicationCredential(_)));
    let clouds = home.load(&[("OS_PASSWORD", "typed")]);
    let open = &clouds.get(Some("open")).expect("a cloud").method;
    assert!(matches!(open, Method::Password(method) if method.password.is_none()), "only with OS_CLOUD");
    assert_eq!(clouds.default, None, "a password alone is no cloud");
}

#[test]
fn yaml_is_read_as_pyyaml_reads_it() {
    for (written, verify) in [
        ("false", false),
        ("no", false),
        ("'no'", false),
        ("'False'", false),
        ("off", false),
        ("0", false),
        ("true", true),
        ("yes", true),
        ("\"true\"", true),
        ("", true),
        ("~", true),
    ] {
        assert_eq!(good(&format!("{MINIMAL}    verify: {written}\n")).tls.verify, verify, "{written}");
    }
    for written in ["12345", "0123", "1e10", "yes", "null-not", "'null'", "0x1F", "2026-11-22"] {
        let text = format!("    auth: {{auth_url: 'http://k/v3', username: u, password: {written}}}\n");
        assert_eq!(password(&good(&text)).1, written.trim_matches('\''));
    }
    let home = Home::new();
    home.write(
        "cwd/clouds.yaml",
        "base: &base\n  region_name: R1\n  auth: &auth {auth_url: 'http://k/v3', username: u}\nmore: &more {interface: internal, region_name: no}\n\
         clouds:\n  c:\n    <<: [*base, *more]\n    auth:\n      <<: *auth\n      password: own\n",
    );
    let clouds = home.load(&[]);
    let config = clouds.get(None).expect("merged");
    assert_eq!(
        (config.region.as_deref(), config.interfaces.as_slice()),
        (Some("R1"), [Interface::Internal].as_slice())
    );
    assert_eq!(password(config).1, "own");
}

#[test]
fn who_signs_in_and_what_for() {
    let url = "auth_url: 'http://k/v3/'";
    let method = |text: &str| good(&format!("    auth: {{{url}, {text}}}\n"));
    let by_id = method("user_id: u1, password: p, project_id: p1");
    assert_eq!(by_id.auth_url, "http://k/v3");
    assert_eq!(password(&by_id).0, &User::Id("u1".into()));
    assert_eq!(by_id.scope, Scope::Project(ProjectRef::Id("p1".into())));
    let legacy = method("username: u, password: p, tenant_name: t, default_domain: d");
    assert_eq!(legacy.scope, Scope::Project(ProjectRef::Name("t".into(), DomainRef::Id("d".into()))));
    assert_eq!(method("username: u, password: p, domain_name: D").scope, Scope::Domain(DomainRef::Name("D".into())));
    assert_eq!(method("username: u, password: p, system_scope: all").scope, Scope::System);
    assert_eq!(method("username: u, password: p").scope, Scope::Unscoped);
    let Method::Password(wanting) = method("username: u").method else { panic!("a password") };
    assert!(wanting.password.is_none());
    let Method::Token(token) = method("token: abc, project_id: p1").method else { panic!("a token") };
    assert_eq!(token.0.expose_secret(), "abc");
    let config = method("application_credential_id: a1, application_credential_secret: s, project_name: ignored");
    let Method::ApplicationCredential(credential) = &config.method else { panic!("a credential") };
    assert_eq!((&credential.which, &config.scope), (&Which::Id("a1".into()), &Scope::Unscoped));
    let named = good(&format!(
        "    auth_type: v3applicationcredential\n    auth: {{{url}, application_credential_name: n, username: u, user_domain_id: d, application_credential_secret: s}}\n"
    ));
    let Method::ApplicationCredential(credential) = named.method else { panic!("a credential") };
    assert_eq!(credential.which, Which::Name("n".into(), User::Name("u".into(), DomainRef::Id("d".into()))));
    for (written, known) in [("passcode: '012345', ", Some("012345")), ("", None)] {
        let config = good(&format!(
            "    auth_type: v3totp\n    auth: {{{url}, username: u, {written}user_domain_id: d, project_id: p1}}\n"
        ));
        let Method::Totp(totp) = &config.method else { panic!("a passcode") };
        assert_eq!(totp.user, User::Name("u".into(), DomainRef::Id("d".into())));
        assert_eq!(totp.passcode.as_ref().map(ExposeSecret::expose_secret), known);
        assert_eq!(config.scope, Scope::Project(ProjectRef::Id("p1".into())));
    }
}

#[test]
fn regions_may_have_values_of_their_own() {
    let text = format!(
        "{MINIMAL}    regions:\n      - R1\n      - name: R2\n        values: {{interface: admin, auth: {{project_name: y}}}}\n"
    );
    let config = good(&text);
    assert_eq!(
        (config.region.as_deref(), config.regions.as_slice()),
        (Some("R1"), ["R1".into(), "R2".into()].as_slice())
    );
    let there = config.in_region("R2");
    assert_eq!(there.interfaces, [Interface::Admin]);
    assert!(matches!(&there.scope, Scope::Project(ProjectRef::Name(name, _)) if name == "y"));
    assert_eq!(config.in_region("R9").region.as_deref(), Some("R9"));
    let chosen = good(&format!("{text}    region_name: R2\n"));
    assert_eq!(chosen.interfaces, [Interface::Admin]);
}

#[test]
fn overrides_versions_and_interfaces() {
    let config = good(&format!(
        "{MINIMAL}    interface: [internal, public]\n    volumev3_endpoint_override: http://v\n    image_api_version: 2\n    \
         compute_default_microversion: '2.90'\n    network_default_microversion: latest\n    cert: certs/me.pem\n"
    ));
    assert_eq!(config.interfaces, [Interface::Internal, Interface::Public]);
    assert_eq!(config.endpoint_overrides["block-storage"], "http://v");
    assert_eq!(config.default_microversions, [("compute".to_owned(), Microversion(2, 90))].into());
    assert!(config.tls.cert.expect("a path").ends_with("cwd/certs/me.pem"));
}

/// The entry, and what its complaint and first hint must say.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "    auth: {auth_ulr: 'http://k', username: u}\n",
        "auth_url is missing (FILE line 3)",
        "FILE line 3 may be meant to be auth_url",
    ),
    (
        "    auth:\n      auth_url: k:5000\n",
        "auth_url must be a URL that begins with http:// or https:// (FILE line 4)",
        "",
    ),
    ("    auth: {auth_url: 'http://k'}\n", "username is missing (FILE line 3)", ""),
    ("    auth: nothing\n", "auth must be a mapping with auth_url, username and so on (FILE line 3)", ""),
    ("    - a\n", "the entry must be a mapping with auth and so on (FILE line 3)", ""),
    (
        "    auth_type: v3pasword\n    auth: {auth_url: 'http://k', username: u}\n",
        "auth_type is not one that Stackdeck knows: password, v3password, token, v3token, v3applicationcredential, v3totp (FILE line 3)",
        "v3password may be meant",
    ),
    (
        "    auth: {auth_url: 'http://k', username: u}\n    verify: maybe\n",
        "verify must be true or false (FILE line 4)",
        "",
    ),
    (
        "    auth: {auth_url: 'http://k', username: u}\n    interface: publik\n",
        "interface must be public, internal or admin (FILE line 4)",
        "public may be meant",
    ),
    (
        "    auth: {auth_url: 'http://k', username: u}\n    compute_default_microversion: high\n",
        "compute_default_microversion must be such as '2.90' (FILE line 4)",
        "",
    ),
    ("    auth: {auth_url: 'http://k', username: [u]}\n", "username must be a single value (FILE line 3)", ""),
    (
        "    auth: {auth_url: 'http://k', username: u}\n    identity_api_version: 2.0\n",
        "identity_api_version must be 3: version 2 is gone (FILE line 4)",
        "",
    ),
    (
        "    auth: {auth_url: 'http://k', application_credential_id: i}\n",
        "application_credential_secret is missing (FILE line 3)",
        "",
    ),
    ("    auth: {auth_url: 'http://k', username: u}\n    regions: R1\n", "regions must be a list (FILE line 4)", ""),
    (
        "    profile: acme\n    auth: {username: u}\n",
        "auth_url is missing (FILE line 4)",
        "No clouds-public.yaml has the profile of FILE line 3",
    ),
];

#[test]
fn complaints_name_file_line_and_key() {
    for (text, complaint, hint) in WRONG {
        let home = Home::new();
        home.write("cwd/clouds.yaml", &format!("clouds:\n  c:\n{text}"));
        let file = home.path("cwd/clouds.yaml").display().to_string();
        let failure = home.load(&[]).get(None).expect_err(text).clone();
        assert_eq!(failure.message, format!("Cloud c: {}", complaint.replace("FILE", &file)));
        assert_eq!(failure.hints.first().map_or("", String::as_str), hint.replace("FILE", &file));
    }
}

#[test]
fn one_broken_entry_disables_that_cloud_only() {
    let home = Home::new();
    let auth = "auth: {auth_url: 'http://k', username: u, password: p}";
    home.write(
        "cwd/clouds.yaml",
        &format!("clouds:\n  good: {{{auth}}}\n  bad: {{auth: {{}}}}\n  worse:\n  prod-eu: {{{auth}}}\n"),
    );
    let clouds = home.load(&[]);
    clouds.get(Some("good")).expect("a cloud");
    clouds.get(Some("prod-eu")).expect("a cloud");
    clouds.get(Some("bad")).expect_err("broken");
    clouds.get(Some("worse")).expect_err("empty");
    let unknown = clouds.get(Some("prd-eu")).expect_err("misspelt");
    assert_eq!(
        (unknown.message.as_str(), unknown.hints[0].as_str()),
        ("There is no cloud named prd-eu", "prod-eu may be meant")
    );
    let none = clouds.get(None).expect_err("four of them");
    assert_eq!(none.hints, ["Choose one with --cloud or OS_CLOUD: bad, good, prod-eu, worse"]);
}

#[test]
fn a_file_that_is_not_yaml_says_where() {
    let home = Home::new();
    home.write("cwd/clouds.yaml", "clouds:\n  c:\n    auth: {password: hunter2\n  d: [\n");
    let clouds = home.load(&[]);
    let failure = clouds.get(Some("c")).expect_err("no YAML");
    assert!(
        failure.causes[0].contains("clouds.yaml line ") && failure.causes[0].ends_with("is not valid YAML here"),
        "{failure:?}"
    );
    assert!(!format!("{clouds:?}").contains("hunter2"));
    home.write("cwd/clouds.yaml", "cloud: {}\n");
    assert!(home.load(&[]).failures[0].message.ends_with("line 1 has no entry under the key clouds"));
    home.write("cwd/clouds.yaml", &"[".repeat(5000));
    assert_eq!(home.load(&[]).failures.len(), 1);
    let missing = home.load(&[("OS_CLIENT_CONFIG_FILE", "/nowhere/clouds.yaml")]);
    assert_eq!(missing.failures[0].message, "OS_CLIENT_CONFIG_FILE names /nowhere/clouds.yaml, which does not exist");
    assert!(Home::new().load(&[]).get(None).expect_err("none").message.contains("No cloud is configured"));
}

#[test]
fn two_thousand_clouds_and_as_many_aliases_are_quick() {
    let home = Home::new();
    let mut text = "base: &b {auth: {auth_url: 'http://k', username: u, password: p}}\nclouds:\n".to_owned();
    for number in 0..2000 {
        text.push_str(&format!("  c{number}: {{<<: *b}}\n"));
    }
    home.write("cwd/clouds.yaml", &text);
    assert_eq!(home.load(&[]).entries.values().filter(|entry| entry.is_ok()).count(), 2000);
}

const SECRET: &str = "S3cr3tZq";

/// Everything that is said of a configuration.
fn said(path: &Path, text: &str) -> String {
    fs::create_dir_all(path).expect("a folder");
    fs::write(path.join("clouds.yaml"), text).expect("written");
    let clouds = load(&Sources { cwd: path.to_owned(), ..Sources::default() });
    let mut said = format!("{clouds:?} {:?}", clouds.get(None));
    for entry in clouds.entries.values().filter_map(|entry| entry.as_ref().err()) {
        said.push_str(&format!("{entry} {entry:?}"));
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is broken in a file, and wherever its secrets stand as values, none is ever said.
    #[test]
    fn secrets_are_never_quoted(cut in 0usize..400, insert in "[\\[\\]{}:'\"*&!|>%@,\n\t -]{0,3}", key in 0usize..4) {
        let key = ["password", "token", "application_credential_secret", "passwrod"][key];
        let text = format!(
            "clouds:\n  one:\n    auth_type: password\n    auth:\n      auth_url: http://k:5000/v3\n      username: u\n      {key}: {SECRET}\n      \
             project_name: x\n    verify: no\n  two:\n    auth: {{auth_url: 'http://k', username: u, {key}: '{SECRET}'}}\n    interface: public\n  \
             three:\n    auth_type: {SECRET}\n    interface: {SECRET}\n    auth: {SECRET}\n"
        );
        let mut at = cut.min(text.len());
        // The secret itself stays whole, so that it can be looked for; a broken key may turn into a secret's neighbour.
        while text[..at].ends_with(|c: char| SECRET.contains(c)) { at -= 1; }
        let broken = format!("{}{insert}{}", &text[..at], &text[at..]);
        let home = Folder::new();
        let said = said(home.path(), &broken);
        prop_assert!(!said.contains(SECRET), "{broken}\n{said}");
    }
}
