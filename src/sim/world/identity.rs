//! Projects, users, what role who has where, and tokens.

use std::collections::HashMap;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;

/// A role. Admin implies member, member implies reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees.
    Reader,
    /// Changes its own.
    Member,
    /// May all.
    Admin,
}

impl Role {
    /// As keystone names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }

    /// Keystone's id of it, the same in every simulated cloud.
    pub fn id(self) -> Uid {
        Uid(match self {
            Self::Reader => 0xd2de_ab07_6079_455f_94c7_b78c_e8ae_500e,
            Self::Member => 0xc7a4_badf_663f_4e98_befc_b615_b519_ddf6,
            Self::Admin => 0xd6f1_802b_4eab_489d_8c24_0b45_20db_94a0,
        })
    }

    /// It and what it implies, as a token lists them.
    pub fn implied(self) -> &'static [Role] {
        match self {
            Self::Reader => &[Self::Reader],
            Self::Member => &[Self::Member, Self::Reader],
            Self::Admin => &[Self::Admin, Self::Member, Self::Reader],
        }
    }
}

/// A project of the domain Default.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Its limits.
    pub quota: Quota,
}

/// What a project may use; `None` is without limit.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// Servers.
    pub instances: u64,
    /// Virtual CPUs.
    pub cores: u64,
    /// Memory in MiB.
    pub ram: u64,
    /// Neutron ports.
    pub ports: u64,
}

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct User {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Its password.
    pub password: String,
    /// The role per project.
    pub roles: Vec<(Uid, Role)>,
    /// May sign in to the system scope.
    pub system: bool,
}

/// An application credential.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Its secret.
    pub secret: String,
    /// Whose.
    pub user: Uid,
    /// For which project.
    pub project: Uid,
    /// The role it was given.
    pub role: Role,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing yet.
    Unscoped,
    /// A project.
    Project(Uid),
    /// The domain Default.
    Domain,
    /// The whole system.
    System,
}

/// A token that was given out.
#[derive(Clone, Debug)]
pub struct Token {
    /// Whose.
    pub user: Uid,
    /// For what.
    pub scope: Scope,
    /// With which role.
    pub role: Option<Role>,
    /// How it was got: newest method first.
    pub methods: Vec<&'static str>,
    /// Its audit ids, newest first.
    pub audit: Vec<String>,
    /// When.
    pub issued: Moment,
    /// Until.
    pub expires: Moment,
}

/// Everything of keystone's.
#[derive(Debug, Default)]
pub struct Identity {
    /// All projects.
    pub projects: Vec<Project>,
    /// All users.
    pub users: Vec<User>,
    /// All application credentials.
    pub credentials: Vec<Credential>,
    tokens: HashMap<String, Token>,
}

/// The one domain's id.
pub const DOMAIN_ID: &str = "default";
/// The one domain's name.
pub const DOMAIN_NAME: &str = "Default";

impl Identity {
    /// The project of that id.
    pub fn project(&self, id: Uid) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// The project of that name.
    pub fn project_named(&self, name: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.name == name)
    }

    /// The user of that id.
    pub fn user(&self, id: Uid) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The user of that name.
    pub fn user_named(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The role that a user has in a project.
    pub fn role_in(&self, user: Uid, project: Uid) -> Option<Role> {
        self.user(user)?.roles.iter().find(|(place, _)| *place == project).map(|(_, role)| *role)
    }

    /// The token, if it is known and lives.
    pub fn token(&self, text: &str, now: Moment) -> Option<&Token> {
        self.tokens.get(text).filter(|token| token.expires > now)
    }

    /// How many tokens were given out and still live.
    pub fn live_tokens(&self, now: Moment) -> usize {
        self.tokens.values().filter(|token| token.expires > now).count()
    }

    /// Ends every token now.
    pub fn expire_tokens(&mut self) {
        self.tokens.clear();
    }
}

impl World {
    /// Gives out a token. One got by a token keeps that one's end.
    pub fn issue_token(
        &mut self,
        user: Uid,
        scope: Scope,
        role: Option<Role>,
        method: &'static str,
        from: Option<Token>,
    ) -> (String, Token) {
        let lifetime = self.options.token_lifetime.mul_f64(self.options.clock.rate().max(f64::MIN_POSITIVE));
        let now = self.now;
        let (mut methods, mut audit, mut expires) = (vec![method], Vec::new(), now.plus(lifetime));
        if let Some(parent) = from {
            methods.extend(parent.methods.into_iter().filter(|name| *name != method));
            audit = parent.audit;
            expires = parent.expires;
        }
        audit.insert(0, self.letters(22));
        let text = format!("gAAAAA{}", self.letters(177));
        let token = Token { user, scope, role, methods, audit, issued: now, expires };
        self.identity.tokens.retain(|_, old| old.expires > now);
        self.identity.tokens.insert(text.clone(), token.clone());
        (text, token)
    }

    fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| self.rng.alphanumeric()).collect()
    }
}
