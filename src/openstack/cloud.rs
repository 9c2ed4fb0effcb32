//! A cloud that we are signed in to, and the one road that every read takes.

use std::sync::Arc;

use secrecy::SecretString;

use crate::base::awaited::Silence;
use crate::base::clock::{Pace, Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{ProjectId, UserId};
use crate::openstack::auth::Scope;
use crate::openstack::auth::cache::Cache;
use crate::openstack::auth::grant::{Grant, Named};
use crate::openstack::auth::keeper::Keeper;
use crate::openstack::catalog;
use crate::openstack::clouds::CloudConfig;
use crate::openstack::directory::Directory;
use crate::openstack::error::{CloudError, ConnectError};
use crate::openstack::exchange::Exchange;
use crate::openstack::health::EndpointHealth;
use crate::openstack::http::Http;
use crate::openstack::options::ConnectOptions;
use crate::openstack::request::{Answer, Read};

/// Their versions are asked for at once after signing in, so that the first reads need not wait for each other.
const AT_START: [&str; 4] = ["compute", "image", "network", "load-balancer"];

/// A cloud that we are signed in to. Cheap to clone: all clones share connections, token and numbers.
#[derive(Clone, Debug)]
pub struct Cloud(Arc<Exchange>);

/// What signing in told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// Name of the cloud's configuration.
    pub cloud: String,
    /// Keystone's URL.
    pub auth_url: String,
    /// The user's id.
    pub user_id: UserId,
    /// The user's name.
    pub user: String,
    /// The project's id; none for domain, system or unscoped.
    pub project_id: Option<ProjectId>,
    /// The project's name.
    pub project: Option<String>,
    /// The name of the project's domain, or its id where that is all that is told.
    pub project_domain: Option<String>,
    /// The token is for the whole system.
    pub system: bool,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The region in use; empty where the catalog has none.
    pub region: String,
    /// The regions that the catalog has.
    pub regions: Vec<String>,
    /// Certificates are not checked.
    pub insecure: bool,
    /// When the token expires, in the cloud's time.
    pub expires: Option<Timestamp>,
    /// Signing in again needs nobody: what is configured suffices, and brings a token that lives longer.
    pub renews: bool,
    /// When the token was issued by the cloud's clock, and when it was here by ours.
    pub issued: Option<(Timestamp, Timestamp)>,
}

impl SessionFacts {
    /// When the token ends, in the cloud's time as we reckon it: its life by the cloud's clock alone, its age by ours.
    /// The two may disagree.
    pub fn ends(&self, pace: Pace) -> Option<Timestamp> {
        let (issued, answered) = self.issued?;
        pace.cloud(answered).checked_add(since(issued, self.expires?)).ok()
    }
}

impl Cloud {
    /// Signs in, or takes the token that an earlier run has kept. Wants a tokio runtime around it.
    pub async fn connect(config: &CloudConfig, options: ConnectOptions) -> Result<Cloud, ConnectError> {
        let renews = config.method.renews_alone();
        let config = chosen(config, &options)?;
        let http = Http::new(&config, &options)?;
        let cache = Cache::new(options.token_cache.clone());
        let directory = Directory::new(cache.clone(), options.clock.clone(), &config.auth_url);
        let meter = directory.meter(&config.auth_url);
        let keeper = Keeper::start(&http, config.clone(), cache, meter, &options).await?;
        let grant = keeper.current();
        same_project(&config, &options, &grant)?;
        let region = catalog::region(&config, &grant)?;
        let exchange = Exchange { config, http, keeper, directory, region, renews, refused: Default::default() };
        let cloud = Cloud(Arc::new(exchange));
        cloud.look_around(&grant);
        Ok(cloud)
    }

    /// The one request path: sends a read and returns its answer, which is always a success.
    pub async fn read(&self, read: Read) -> Result<Answer, CloudError> {
        self.0.read(&read).await
    }

    pub(super) fn exchange(&self) -> &Exchange {
        &self.0
    }

    /// The token and what it grants, for another process of the same user: over a pipe, never in a file or argument.
    pub fn grant(&self) -> SecretString {
        self.0.keeper.current().hand_over()
    }

    /// Who has signed in, with the domain where it is told: `anna@Default`.
    pub fn user(&self) -> String {
        let user = &self.0.keeper.current().body.user;
        match called(user.domain.as_ref()) {
            Some(domain) => format!("{}@{domain}", user.name),
            None => user.name.clone(),
        }
    }

    /// Who and where we are.
    pub fn session(&self) -> SessionFacts {
        let Exchange { config, region, renews, .. } = &*self.0;
        let grant = self.0.keeper.current();
        let body = &grant.body;
        SessionFacts {
            cloud: config.name.clone(),
            auth_url: config.auth_url.clone(),
            user_id: body.user.id.as_str().into(),
            user: body.user.name.clone(),
            project_id: body.project.as_ref().map(|project| project.id.as_str().into()),
            project: body.project.as_ref().map(|project| project.name.clone()),
            project_domain: body.project.as_ref().and_then(|project| called(project.domain.as_ref())),
            system: body.system.is_some(),
            roles: body.roles.iter().map(|role| role.name.clone()).collect(),
            region: region.clone(),
            regions: catalog::regions(&grant),
            insecure: !config.tls.verify,
            expires: grant.expires(),
            renews: *renews,
            issued: grant.issued().map(|issued| (issued, grant.answered)),
        }
    }

    /// Every endpoint of the catalog in our region and interface, and how it has answered us.
    pub fn endpoints(&self) -> Vec<EndpointHealth> {
        let found = catalog::all(&self.0.config, &self.0.keeper.current(), &self.0.region);
        found.into_iter().map(|found| self.0.directory.health(found)).collect()
    }

    /// The requests that have no answer yet, the oldest of each endpoint.
    pub fn silences(&self) -> Vec<Silence> {
        self.0.directory.silences()
    }

    /// Asks for the versions that are not known yet, all at once. Nobody waits here: a read waits for its own.
    fn look_around(&self, grant: &Arc<Grant>) {
        for official in AT_START {
            let found = catalog::find(&self.0.config, grant, &self.0.region, official);
            let Ok(found) = found else { continue };
            if !self.0.directory.knows(official, &found.url) {
                let (exchange, grant) = (Arc::clone(&self.0), Arc::clone(grant));
                tokio::spawn(async move {
                    // A failure is told by the read that needs it.
                    let _ = exchange.directory.look(&exchange.http, official, &found.url, &grant.secret).await;
                });
            }
        }
    }
}

/// A domain by its name, or by its id where that is all that is told.
fn called(domain: Option<&Named>) -> Option<String> {
    let text = domain.map(|domain| if domain.name.is_empty() { &domain.id } else { &domain.name })?;
    (!text.is_empty()).then(|| text.clone())
}

/// The configuration with what the user has chosen beside it.
fn chosen(config: &CloudConfig, options: &ConnectOptions) -> Result<CloudConfig, Failure> {
    let mut config = match &options.region {
        Some(region) => config.in_region(region),
        None => config.clone(),
    };
    config.method = config.method.with_password(options.password.as_ref());
    if let Some(project) = &options.project
        && config.method.sign_in().takes_scope()
    {
        config.scope = config.scope.elsewhere(project, &config.method.sign_in().domain());
    }
    Ok(config)
}

/// An application credential is for one project, whatever the user asks for.
fn same_project(config: &CloudConfig, options: &ConnectOptions, grant: &Grant) -> Result<(), Failure> {
    let granted = grant.body.project.as_ref();
    if matches!(config.scope, Scope::Project(_)) && granted.is_none() {
        let message = format!("Keystone gave no project to {}", config.method.sign_in().whom());
        return Err(Failure::new(FailureKind::Bug, message));
    }
    let Some(wanted) = &options.project else { return Ok(()) };
    if config.method.sign_in().takes_scope() || granted.is_some_and(|is| is.id == *wanted || is.name == *wanted) {
        return Ok(());
    }
    let message = format!("Cloud {} signs in by an application credential, which is for one project", config.name);
    Err(Failure::new(FailureKind::Usage, message).hint("Choose a cloud that signs in by password"))
}
